import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { CkeError } from '../../cluster/errors.ts';

/** Where clouds serve machines their credentials: outside of the link-local ranges that are denied anyway. */
const metadataAddresses = ['fd00:ec2::254', '100.100.100.200'];

export interface WebhookTarget {
  url: URL;
  /** Connects to the address that was checked, whatever the name resolves to by then (reliability §6.7). */
  lookup: LookupFunction;
}

/**
 * An address that may be told something: https, or http on this machine; resolved once and checked.
 * @throws CkeError NotificationFailed, never retried, for a denied one; the address itself is not in the text
 */
export async function webhookTarget(name: string, text: string): Promise<WebhookTarget> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') throw denied(name, 'what is configured is no address of a host');
  if (url.username !== '' || url.password !== '') throw denied(name, 'its address has credentials in it');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await addressesOf(name, host);
  const [first] = addresses;
  if (first === undefined) throw unresolved(name, host);
  const ranges = addresses.map(({ address }) => rangeOf(address));
  const bad = ranges.find((range) =>
    ['linkLocal', 'multicast', 'unspecified', 'broadcast', 'metadata'].includes(range),
  );
  if (bad !== undefined) throw denied(name, `${host} is a ${bad} address`);
  const isLocal = ranges.every((range) => range === 'loopback');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw denied(name, `${url.protocol}//${host} is not https`);
  return {
    url,
    lookup: (_hostname, options, callback) =>
      options.all ? callback(null, [first]) : callback(null, first.address, first.family),
  };
}

function rangeOf(address: string): string {
  const parsed = ipaddr.process(address);
  return metadataAddresses.some((one) => ipaddr.process(one).toString() === parsed.toString())
    ? 'metadata'
    : parsed.range();
}

async function addressesOf(name: string, host: string) {
  return resolve(host, { all: true }).catch(() => {
    throw unresolved(name, host);
  });
}

function denied(name: string, got: string): CkeError {
  return new CkeError({
    code: 'NotificationFailed',
    message: `the webhook ${name} is not called: its target is denied`,
    got,
    want: 'https:// and a host that is neither link-local nor a metadata service; http:// on the worker itself only',
    fix: 'correct notifications.webhooks in the declaration, or the address in Vault',
    remedy: 'never',
  });
}

function unresolved(name: string, host: string): CkeError {
  return new CkeError({
    code: 'NotificationFailed',
    message: `the webhook ${name} can't be called: ${host} does not resolve`,
    fix: `getent hosts ${host} on the worker's machine`,
    remedy: 'retry',
  });
}
