import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { authorities } from '../../cluster/certificates/certificate.ts';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import type { LabNode } from '../../lab/lab-node.ts';
import { fromJson } from './json.ts';
import { cluster, run } from './story.ts';

/** A certificate and a key that lie together on a node. */
export interface Pair {
  readonly node: string;
  readonly path: string;
  readonly serial: string;
  /** Whether the key is the certificate's own: two halves of different attempts don't fit. */
  readonly fits: boolean;
}

/** Every pair on a node, in files side by side and inside kubeconfigs. */
export async function pairsOn(node: LabNode): Promise<Pair[]> {
  const files = await filesOn(node);
  return [...files].flatMap(([path, text]) => {
    const found = path.endsWith('/kubeconfig') ? ofKubeconfig(text) : ofFile(files, path, text);
    return found === undefined ? [] : [{ node: node.name, path, ...found }];
  });
}

/** What is live in the directories that components read; the generations behind it are left out. */
async function filesOn(node: LabNode): Promise<Map<string, string>> {
  const script =
    'find -L /etc/kubernetes /etc/etcd /etc/rivers -path \'*/.sets\' -prune -o -type f -print | while read -r file; do printf \'@@%s\\n\' "$file"; cat "$file"; echo; done';
  const parts = (await node.exec(['sh', '-c', script])).split(/^@@/mu).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]));
}

type Found = Pick<Pair, 'serial' | 'fits'> | undefined;

function ofFile(files: ReadonlyMap<string, string>, path: string, text: string): Found {
  const key = files.get(path.replace(/\.crt$/u, '.key'));
  if (!path.endsWith('.crt') || key === undefined || !text.includes('BEGIN CERTIFICATE')) return undefined;
  return pair(text, key);
}

interface Kubeconfig {
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

function ofKubeconfig(text: string): Found {
  const { users }: Kubeconfig = parse(text);
  const user = users[0]?.user;
  if (user === undefined) return undefined;
  return pair(clear(user['client-certificate-data']), clear(user['client-key-data']));
}

const clear = (data: string): string => Buffer.from(data, 'base64').toString();

function pair(certificate: string, key: string): Found {
  const leaf = new X509Certificate(certificate);
  return { serial: bare(leaf.serialNumber), fits: leaf.checkPrivateKey(createPrivateKey(key)) };
}

/** A serial number in one spelling, whoever wrote it. */
export const bare = (serial: string): string => serial.replaceAll(':', '').toLowerCase().replace(/^0+/u, '');

/** Serial numbers that Vault issued for the nodes of the cluster: without the authorities' own and those of worker and people. */
export async function serialsForNodes(): Promise<string[]> {
  const perAuthority = await Promise.all(authorities.map(issuedBy));
  return perAuthority.flat();
}

async function issuedBy(authority: Authority): Promise<string[]> {
  const mount = `cke/${cluster}/ca-${authority}`;
  const serials = fromJson<string[]>(await run('vault', 'list', '-format=json', `${mount}/certs`));
  const found: string[] = [];
  for (const serial of serials) {
    const text = await run('vault', 'read', '-field=certificate', `${mount}/cert/${serial}`);
    const certificate = new X509Certificate(text);
    if (!certificate.ca && !/^CN=(root|cke:user:admin)$/mu.test(certificate.subject)) found.push(bare(serial));
  }
  return found;
}
