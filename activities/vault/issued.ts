import { createPrivateKey, X509Certificate } from 'node:crypto';
import { addressNumber } from '../../cluster/declaration/subnet.ts';
import type { CertificateRequest, IssuedCertificate } from '../../cluster/certificates/certificate.ts';

const usageNames: Record<string, string> = { '1.3.6.1.5.5.7.3.1': 'server', '1.3.6.1.5.5.7.3.2': 'client' };

/** What a certificate says, in comparable form: sorted lists, IP addresses as numbers. */
function contents(leaf: X509Certificate): Record<string, string[]> {
  const subject = leaf.toLegacyObject().subject as { CN?: unknown; O?: unknown };
  const names = (leaf.subjectAltName ?? '').split(', ').filter((name) => name !== '');
  const after = (prefix: string) =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    'common name': [String(subject.CN)],
    organizations: [subject.O ?? []].flat().map(String).sort(),
    'DNS names': after('DNS:').sort(),
    'IP addresses': after('IP Address:').map(comparableAddress).sort(),
    'other names': names.filter((name) => !/^(DNS|IP Address):/.test(name)),
    usages: leaf.keyUsage.map((usage) => usageNames[usage] ?? usage).sort(),
  };
}

function comparableAddress(address: string): string {
  const number = addressNumber(address.toLowerCase());
  return number === undefined ? address : `${number.family}:${number.value}`;
}

/**
 * Compares a certificate with what was asked for, and with its key where that is at hand (rules C-02, C-04).
 * Returns the sentences that tell the differences; none means that it is right.
 */
export function differencesFromRequest(
  { certificate, privateKey }: { certificate: string; privateKey?: string },
  request: CertificateRequest,
): string[] {
  const leaf = new X509Certificate(certificate);
  const wanted: Record<string, string[]> = {
    'common name': [request.commonName],
    organizations: [...request.organizations].sort(),
    'DNS names': [...request.dnsNames].sort(),
    'IP addresses': request.ipAddresses.map(comparableAddress).sort(),
    'other names': [],
    usages: [...request.usages].sort(),
  };
  const differences = Object.entries(contents(leaf)).flatMap(([name, seen]) => {
    const list = wanted[name] ?? [];
    return seen.join(' ') === list.join(' ')
      ? []
      : [`${name}: got ${seen.join(' ') || 'none'}, want ${list.join(' ') || 'none'}`];
  });
  if (privateKey === undefined) return differences;
  const hours = (leaf.validToDate.getTime() - Date.now()) / 3_600_000;
  if (hours < request.lifetimeHours * 0.9)
    differences.push(`it ends in ${hours.toFixed(1)} hours, want ${request.lifetimeHours}`);
  if (!leaf.checkPrivateKey(createPrivateKey(privateKey))) differences.push('its key is another one');
  return differences;
}

/** The public facts of a certificate. The serial is in Vault's form: lower-case hex pairs with colons. */
export function factsOf(certificate: string, { kind }: CertificateRequest): IssuedCertificate {
  const leaf = new X509Certificate(certificate);
  return {
    kind,
    serial:
      leaf.serialNumber
        .toLowerCase()
        .padStart(leaf.serialNumber.length + (leaf.serialNumber.length % 2), '0')
        .match(/../g)
        ?.join(':') ?? '',
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
  };
}
