import { X509Certificate } from 'node:crypto';
import type { Authority, CertificateRequest } from '../../cluster/certificates/certificate.ts';
import type { Component } from '../../cluster/components/component.ts';
import type { ComponentSpec, FileSpec } from '../../cluster/components/spec.ts';
import type { Damage } from '../node/damage.ts';
import { differencesFromRequest } from '../vault/issued.ts';

interface Examination {
  damage: Damage[];
  /** Of the containers that stand there, by component: they say what each file is to be. */
  specs: Partial<Record<Component, ComponentSpec>>;
  /** A public file of the node, by its path; a link at the path is not followed. */
  read: (path: string) => Promise<Buffer | undefined>;
  /** PEM of all CA certificates of an authority. */
  authorityBundle: (authority: Authority) => Promise<string>;
  now: Date;
}

/** What is wrong with installed files, one sentence for each component: certificates are looked into, keys never. */
export async function explainDamage(examination: Examination): Promise<Partial<Record<Component, string>>> {
  const { damage, specs } = examination;
  const found = Object.groupBy(damage, ({ set }) => set);
  const sentences = Object.values(specs).map(async (spec) => {
    const ours = found[spec.component] ?? [];
    const texts = await Promise.all(ours.map((one) => explainFile(one, spec, examination)));
    const rest = texts.length > 2 ? `, and ${texts.length - 2} more files` : '';
    return [spec.component, texts.slice(0, 2).join(', ') + rest] as const;
  });
  return Object.fromEntries((await Promise.all(sentences)).filter(([, text]) => text !== ''));
}

async function explainFile({ path, what }: Damage, spec: ComponentSpec, examination: Examination): Promise<string> {
  const file = spec.files.find((one) => one.path === `${spec.root}/${path}`);
  if (what.startsWith('mode')) return `${path} has ${what}`;
  if (file?.content === 'certificate') {
    const link = `${spec.root}/${path}`;
    // What a link leads to stands in the published generation; where the link was replaced, what stands in its place counts.
    const place = what === 'link' ? link : `${spec.root}/.sets/${spec.component}/..data/${path}`;
    const verdict = await explainCertificate({ ...file, path: place }, what, examination);
    return `${path} ${verdict}`;
  }
  if (what === 'link') return `${path} is not the file that was installed`;
  if (file?.content === 'private-key' && !isDamaged(spec, file, examination))
    return `${path} is not the key of its certificate`;
  return `${path} was changed`;
}

/** Whether the certificate of a key is damaged, too: then it says why. */
function isDamaged(
  { root, component }: ComponentSpec,
  { path }: FileSpec,
  { damage }: Pick<Examination, 'damage'>,
): boolean {
  const beside = path.replace(/\.key$/u, '.crt');
  return damage.some((one) => one.set === component && `${root}/${one.path}` === beside);
}

async function explainCertificate(
  { path, certificate }: { path: string; certificate: CertificateRequest },
  what: string,
  { read, authorityBundle, now }: Examination,
): Promise<string> {
  const bytes = await read(path);
  if (bytes === undefined) return 'is missing';
  const leaf = parse(bytes);
  if (leaf === undefined) return 'is no certificate, or part of one';
  if (leaf.validToDate < now) return `has expired at ${leaf.validToDate.toISOString()}`;
  if (leaf.validFromDate > now) return `is not valid before ${leaf.validFromDate.toISOString()}`;
  const bundle = await authorityBundle(certificate.authority);
  const ours = bundle.split(/(?<=-----END CERTIFICATE-----)/u).some((pem) => isIssuedBy(leaf, pem));
  if (!ours) return `was not issued by the ${certificate.authority} CA`;
  const [difference] = differencesFromRequest({ certificate: bytes.toString() }, certificate);
  if (difference !== undefined) return `names others than it should: ${difference}`;
  return what === 'link' ? 'is not the file that was installed' : 'is another certificate than the one installed';
}

function isIssuedBy(leaf: X509Certificate, pem: string): boolean {
  const authority = parse(Buffer.from(pem));
  return authority !== undefined && leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

function parse(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}
