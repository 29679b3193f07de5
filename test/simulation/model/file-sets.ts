import type { FileSet } from '../../../activities/node/file-set.ts';
import type { IssuedCertificate } from '../../../cluster/certificates/certificate.ts';

/** What a published file set says to the process that reads it: names of issuers and keys, as the model's Vault writes them. */
export interface InstalledSet {
  digest: string;
  certificates: IssuedCertificate[];
  epoch: number;
  /** Issuers of the certificates that it shows to others, by authority. */
  leaves: Map<string, string[]>;
  /** CAs that it verifies others by, by authority. */
  trusted: Map<string, string[]>;
  /** Keys of service-account tokens: the one that signs, and those that verify; absent where it holds none. */
  tokens: { signs: string[]; verifies: string[] };
  /** What it writes and reads Secrets with, the one that writes first; undefined where it holds no such configuration. */
  ciphers: string[] | undefined;
}

/** Reads a set that the model's Vault has filled (rotations/vault.ts). */
export function readSet({ files, manifest, by }: FileSet): InstalledSet {
  const texts = files.map(({ bytes }) => decoded(bytes.toString()));
  const words = (mark: string) => [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(new RegExp(`^${mark} (.+)$`, 'gmu'))].map(([, rest = '']) => rest)),
    ),
  ];
  const [ciphers] = words('ciphers');
  return {
    ...manifest,
    epoch: by.epoch,
    leaves: byAuthority(words('leaf')),
    trusted: byAuthority(words('ca')),
    tokens: { signs: words('signs'), verifies: words('verifies') },
    ciphers: ciphers?.split(','),
  };
}

/** Lines of `<authority> <issuer>`. */
function byAuthority(lines: string[]): Map<string, string[]> {
  const issuers = new Map<string, string[]>();
  for (const [authority = '', issuer = ''] of lines.map((line) => line.split(' ')))
    issuers.set(authority, [...(issuers.get(authority) ?? []), issuer]);
  return issuers;
}

/** With what kubeconfigs embed in base64. */
function decoded(text: string): string {
  const embedded = [...text.matchAll(/-data: "?([A-Za-z0-9+/=]+)"?/gu)].map(([, data = '']) => atob(data));
  return [text, ...embedded].join('\n');
}
