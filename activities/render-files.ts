import { createHash } from 'node:crypto';
import { canonicalJson } from '../cluster/canonical.ts';
import type { CertificateRequest, IssuedCertificate } from '../cluster/certificates/certificate.ts';
import { wantedGeneration, type Rotation } from '../cluster/certificates/expiry.ts';
import type { ComponentSpec, FileSpec } from '../cluster/components/spec.ts';
import { loginAddress, type PrivateRegistry } from '../cluster/declaration/private-registries.ts';
import { memoByIdentity } from '../cluster/memo.ts';
import { renderKubeconfig } from '../cluster/resources/kubeconfig.ts';
import type { Vault } from './vault/vault.ts';
import type { IssuedPair } from './vault/issue.ts';

export interface RenderedFile {
  path: string;
  mode: '0600' | '0644';
  bytes: Buffer;
}

export interface RenderedSet {
  files: RenderedFile[];
  /** Public facts about the certificates in the set. */
  certificates: IssuedCertificate[];
}

/** Digest of what a file set is to be: names secrets, contains none. */
export const filesDigest = memoByIdentity(({ files }: ComponentSpec): string => digestOf(canonicalJson(files)));

/** A short name for a text. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Turns file specs into bytes: certificates are issued, each request once, and secrets are read. The result never leaves this process
 * but for the node that it is for.
 * @throws CkeError of Vault
 */
export async function renderFiles(input: {
  cluster: string;
  node: string;
  spec: ComponentSpec;
  vault: Vault;
  rotations: Rotation[];
}): Promise<RenderedSet> {
  const { cluster, node, spec, vault, rotations } = input;
  const issued = new Map<string, Promise<IssuedPair>>();
  const pair = (request: CertificateRequest): Promise<IssuedPair> => {
    const key = canonicalJson(request);
    const known = issued.get(key) ?? vault.issue({ cluster, request });
    issued.set(key, known);
    return known;
  };
  const texts = await Promise.all(spec.files.map((file) => textOf(file, { cluster, vault, pair })));
  const pairs = await Promise.all(issued.values());
  return {
    files: spec.files.map(({ path, mode }, index) => ({ path, mode, bytes: Buffer.from(texts[index] ?? '') })),
    certificates: pairs.map(({ issued: one }) => ({
      ...one,
      generation: wantedGeneration(rotations, { kind: one.kind, node }),
    })),
  };
}

interface Sources {
  cluster: string;
  vault: Vault;
  pair: (request: CertificateRequest) => Promise<IssuedPair>;
}

async function textOf(file: FileSpec, { cluster, vault, pair }: Sources): Promise<string> {
  switch (file.content) {
    case 'text':
      return file.text;
    case 'certificate':
      return (await pair(file.certificate)).certificate;
    case 'private-key':
      return (await pair(file.certificate)).privateKey;
    case 'authority':
      return vault.authorityBundle({ cluster, authority: file.authority, ...pinned(file) });
    case 'kubeconfig': {
      const { certificate, privateKey } = await pair(file.certificate);
      const authority = await vault.authorityBundle({ cluster, authority: 'kubernetes', ...pinned(file) });
      const user = file.certificate.commonName;
      return renderKubeconfig({ cluster: file.cluster, server: file.server, user, authority, certificate, privateKey });
    }
    case 'service-account': {
      const pairs = await vault.serviceAccountKeys({ cluster, ...(file.keys && { names: file.keys }) });
      return pairs.map(({ publicKey, privateKey }) => (file.part === 'public' ? publicKey : privateKey)).join('');
    }
    case 'registry-logins':
      return dockerConfig(file.registries, { cluster, vault });
    case 'encryption-configuration':
      return vault.encryptionConfiguration({ cluster, ciphers: file.ciphers });
  }
}

async function dockerConfig(
  registries: PrivateRegistry[],
  { cluster, vault }: Pick<Sources, 'cluster' | 'vault'>,
): Promise<string> {
  const logins = registries.map(async (registry) => {
    const { username, password } = await vault.registryLogin({ cluster, entry: registry.credentials_secret });
    return [loginAddress(registry), { auth: Buffer.from(`${username}:${password}`).toString('base64') }] as const;
  });
  return `${JSON.stringify({ auths: Object.fromEntries(await Promise.all(logins)) })}\n`;
}

function pinned({ issuers }: { issuers?: string[] }): { issuers?: string[] } {
  return issuers === undefined ? {} : { issuers };
}
