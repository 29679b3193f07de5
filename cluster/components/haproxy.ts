import { flagValue } from '../declaration/extra-args.ts';
import type { NodeDeclaration } from '../declaration/declaration.ts';
import type { ServiceParams } from '../declaration/service-options.ts';
import { endpoint } from './endpoint.ts';

interface ProxyConfiguration {
  /** Name of the proxy in HAProxy's log. */
  name: string;
  /** Port on 127.0.0.1. */
  listen: number;
  upstreams: NodeDeclaration[];
  upstreamPort: number;
  /** Path, expected status (regular expression), CA file, name in the server's certificate, and where needed our own certificate. */
  check: { path: string; status: string; interval: string; authority: string; host: string; certificate?: string };
  params: ServiceParams;
}

/**
 * A TCP proxy for HAProxy 2.6 and later that sends each new connection to a random upstream that passes its check, and
 * cuts the connections of one that fails it. `extra_args` are the flags of CKE's rivers, whose meaning they keep.
 *
 * An upstream that vanishes is noticed within interval + 1 s + 250 ms + 1 s: a check connects for at most `timeout connect`.
 * The certificate of each upstream is verified by checks only: clients verify for themselves. In the foreground it says
 * on standard error what goes down and comes up; a log target would say it twice.
 */
export function proxyConfiguration(proxy: ProxyConfiguration): string {
  const { name, listen, upstreams, upstreamPort, check } = proxy;
  const settings = settingsOf(proxy);
  return [
    'global',
    // The default follows the limit on open files, and reserves memory for as many.
    '  maxconn 4096',
    '  nbthread 2',
    `  hard-stop-after ${settings.shutdown}`,
    // Keys are read as root before these take effect.
    '  uid 65534',
    '  gid 65534',
    '  ssl-load-extra-del-ext',
    '',
    'defaults',
    '  mode tcp',
    `  timeout connect ${settings.connect}`,
    '  timeout check 2s',
    // Watches are silent for as long as nothing happens: TCP keepalive finds dead peers instead.
    '  timeout client 24h',
    '  timeout server 24h',
    '  timeout tunnel 24h',
    '  timeout client-fin 30s',
    '  timeout server-fin 30s',
    '  option clitcpka',
    '  option srvtcpka',
    `  srvtcpka-idle ${settings.keepAlive}`,
    '  srvtcpka-intvl 5s',
    '  srvtcpka-cnt 3',
    '  option redispatch 1',
    '  retries 5',
    '',
    `listen ${name}`,
    `  bind 127.0.0.1:${listen}`,
    '  balance random',
    '  option httpchk',
    `  http-check send meth GET uri ${check.path} ver HTTP/1.1 hdr Host localhost`,
    `  http-check expect rstatus ^(${check.status})$`,
    `  default-server check check-ssl verify required ca-file ${check.authority} verifyhost ${check.host}${client(check)}` +
      ` inter ${settings.interval} fastinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions`,
    ...upstreams.map((node) => `  server ${node.name} ${endpoint(node.address, upstreamPort)}`),
    '',
  ].join('\n');
}

function client({ certificate }: ProxyConfiguration['check']): string {
  return certificate === undefined ? '' : ` crt ${certificate}`;
}

function settingsOf({ check, params: { extra_args } }: ProxyConfiguration) {
  return {
    interval: flagValue(extra_args, 'check-interval') ?? check.interval,
    connect: flagValue(extra_args, 'dial-timeout') ?? '1s',
    keepAlive: flagValue(extra_args, 'dial-keep-alive') ?? '15s',
    shutdown: flagValue(extra_args, 'shutdown-timeout') ?? '1s',
  };
}
