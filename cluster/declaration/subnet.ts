/** An address range: version, numeric base and prefix length. */
export interface Subnet {
  family: 4 | 6;
  base: bigint;
  prefix: number;
}

/** Reads a canonical address (no zone). Returns undefined for anything else. */
export function addressNumber(address: string): { family: 4 | 6; value: bigint } | undefined {
  if (address.includes(':')) return ipv6Number(address);
  const octets = address.split('.');
  if (octets.length !== 4 || octets.some((octet) => !/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255))
    return undefined;
  return { family: 4, value: octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n) };
}

function ipv6Number(address: string): { family: 6; value: bigint } | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) };
}

/** Writes a number as an address; IPv6 in the RFC 5952 form. */
export function addressText(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return groups.join(':');
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeros(groups: string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** Reads a CIDR. Returns undefined when it is none; host bits are cleared. */
export function parseSubnet(cidr: string): Subnet | undefined {
  const [address = '', length = '', ...rest] = cidr.split('/');
  const number = addressNumber(address);
  if (number === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = number.family === 4 ? 32 : 128;
  const prefix = Number(length);
  if (prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  return { family: number.family, base: (number.value >> hostBits) << hostBits, prefix };
}

/** How many addresses a subnet has. */
export function subnetSize({ family, prefix }: Subnet): bigint {
  return 1n << BigInt((family === 4 ? 32 : 128) - prefix);
}

/** Whether the address lies in the subnet; false for another family. */
export function subnetContains(subnet: Subnet, address: string): boolean {
  const number = addressNumber(address);
  if (number === undefined || number.family !== subnet.family) return false;
  return number.value >= subnet.base && number.value < subnet.base + subnetSize(subnet);
}

/** Whether two subnets share an address. */
export function subnetsOverlap(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base < b.base + subnetSize(b) && b.base < a.base + subnetSize(a);
}

/** The subnet as canonical text. */
export function subnetText({ family, base, prefix }: Subnet): string {
  return `${addressText(family, base)}/${prefix}`;
}

/** The n-th address of a CIDR, counted from its base. Throws RangeError on a text that is no CIDR: validate first. */
export function nthAddress(cidr: string, n: number): string {
  const subnet = parseSubnet(cidr);
  if (subnet === undefined) throw new RangeError(`not a subnet: ${cidr}`);
  return addressText(subnet.family, subnet.base + BigInt(n));
}
