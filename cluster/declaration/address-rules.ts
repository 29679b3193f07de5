import ipaddr from 'ipaddr.js';
import type { Finding } from './problem.ts';
import { parseSubnet, subnetText } from './subnet.ts';

/** The canonical text of an address, IPv4 mapped into IPv6 taken as IPv4; undefined when it is no address. */
export function canonicalAddress(text: string): string | undefined {
  if (!ipaddr.isValid(text) || text.includes('%')) return undefined;
  if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.process(text).toString();
}

/** Which ranges (names of ipaddr.js) an address must not lie in. */
const notForNodes = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback']);
const notForResolvers = new Set(['unspecified', 'broadcast', 'multicast', 'loopback']);

/** What is wrong with the address of a machine: canonical and unicast is wanted. Rule D-03. */
export function nodeAddressFinding(text: string): Finding | undefined {
  return formFinding(text) ?? rangeFinding(text, notForNodes);
}

/** What is wrong with the address of a DNS resolver; link-local ones exist in clouds. */
export function resolverAddressFinding(text: string): Finding | undefined {
  return formFinding(text) ?? rangeFinding(text, notForResolvers);
}

function formFinding(text: string): Finding | undefined {
  if (text.includes('%')) return scoped;
  if (/^\d+(\.\d+)*$/.test(text) && text.split('.').some((part) => /^0\d/.test(part))) return leadingZero(text);
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return notAnAddress;
  return canonical === text ? undefined : notCanonical(canonical);
}

function rangeFinding(text: string, denied: ReadonlySet<string>): Finding | undefined {
  const range = ipaddr.parse(text).range();
  if (!denied.has(range)) return undefined;
  return {
    code: 'address-class',
    want: 'a unicast address that the manager and all nodes can reach',
    hint: `${text} is a ${range.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)} address: not allowed here`,
  };
}

const notAnAddress: Finding = {
  code: 'invalid-address',
  want: 'an IP address such as 10.0.0.11',
  hint: 'four numbers from 0 to 255 with dots between them, or an IPv6 address; no host name, no prefix length',
};

const scoped: Finding = {
  code: 'scoped-address',
  want: 'an address without a zone',
  hint: 'a scoped address (%eth0) means something on one machine only',
};

const leadingZero = (text: string): Finding => ({
  code: 'address-not-canonical',
  want: text
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''))
    .join('.'),
  hint: 'non-canonical IPv4: some programs read a leading zero as octal',
});

const notCanonical = (canonical: string): Finding => ({
  code: 'address-not-canonical',
  want: canonical,
  hint: 'write addresses in their canonical form, so that the same address is never two',
});

/** Bounds of a subnet's prefix length, by family. */
export interface PrefixBounds {
  4: readonly [shortest: number, longest: number];
  6: readonly [shortest: number, longest: number];
}

/** What is wrong with a CIDR: its form, host bits, its size. */
export function subnetFinding(text: string, bounds: PrefixBounds): Finding | undefined {
  const subnet = parseSubnet(text);
  if (subnet === undefined) return notASubnet;
  if (subnetText(subnet) !== text) return hostBits(subnetText(subnet));
  const [shortest, longest] = bounds[subnet.family];
  if (subnet.prefix >= shortest && subnet.prefix <= longest) return undefined;
  return {
    code: 'subnet-size',
    want: `a prefix length from /${shortest} to /${longest}`,
    hint:
      subnet.prefix < shortest
        ? 'size bounds: this subnet is larger than Kubernetes takes'
        : 'size bounds: too few addresses',
  };
}

const notASubnet: Finding = {
  code: 'invalid-subnet',
  want: 'a subnet such as 10.96.0.0/16',
  hint: 'an address, a slash, and a prefix length of at most 32 (IPv4) or 128 (IPv6)',
};

const hostBits = (canonical: string): Finding => ({
  code: 'subnet-not-canonical',
  want: canonical,
  hint: 'host bits are set, or the address is not in canonical form',
});
