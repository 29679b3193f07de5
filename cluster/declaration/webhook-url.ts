import ipaddr from 'ipaddr.js';
import type { Finding } from './problem.ts';

/** What is wrong with an address that the worker will connect to: scheme, credentials, a target on the worker itself. */
export function webhookFinding(text: string): Finding | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return { code: 'invalid-url', want: 'an https:// address', hint: 'http:// is understood, too' };
  if (url.username !== '' || url.password !== '')
    return {
      code: 'secret-literal',
      want: 'an address without credentials',
      hint: 'put the whole address into Vault',
      got: '(redacted)',
    };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const denied = host === 'localhost' || host.endsWith('.localhost') || (ipaddr.isValid(host) && isLocal(host));
  return denied
    ? {
        code: 'denied-target',
        want: 'a host other than the worker itself',
        hint: 'denied target: loopback and link-local addresses',
      }
    : undefined;
}

/** The same for an address that people's news go to: only encrypted. */
export function encryptedFinding(text: string): Finding | undefined {
  return (
    webhookFinding(text) ??
    (text.toLowerCase().startsWith('https:')
      ? undefined
      : {
          code: 'invalid-url',
          want: 'an https:// address',
          hint: 'http:// is only called on the worker itself, by url_secret',
        })
  );
}

function isLocal(host: string): boolean {
  return ['loopback', 'linkLocal', 'unspecified', 'multicast'].includes(ipaddr.process(host).range());
}
