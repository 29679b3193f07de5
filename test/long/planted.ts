import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeAtomically } from '../../lab/state.ts';
import { readVaultKeys } from '../../lab/servers/vault.ts';
import { declaredNames } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { cke, cluster, lab, run } from '../e2e/story.ts';

/** A secret, and texts that only it has. */
export interface Secret {
  readonly what: string;
  readonly needles: readonly string[];
}

/** What the story itself puts in: no program makes such words. */
export const canaries = {
  signingKey: 'canary-signing-key-5b1f9c3e',
  webhookPath: 'canary-webhook-token-a7d24e60',
  password: 'canary-password-0c9e7b1d4f',
  refused: 'canary-refused-83e5a2c6d0',
  sshKey: 'canary-ssh-key-f61b0d9a27',
} as const;

/** A receiver of webhooks that fails the first call, and keeps what it was told: headers and bodies. */
export async function openReceiver(): Promise<{ told: string[]; url: string; server: Server }> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(told.push(`${JSON.stringify(request.headers)}\n${body}`) === 1 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { told, url: `http://127.0.0.1:${port}/${canaries.webhookPath}`, server };
}

const secretNamed = (name: string, more: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  ...more,
});

const file = (name: string): string => join(lab.paths.directory, `canary-${name}`);

function written(name: string, text: string): string {
  writeAtomically(file(name), text, 0o600);
  return file(name);
}

/** A Secret of a user's that is applied. */
export async function setSecret(): Promise<void> {
  const manifest = stringify(secretNamed('canary', { stringData: { password: canaries.password } }));
  await run('cke-client', 'resource', 'set', written('secret.yaml', manifest), '--wait', '--cluster', cluster);
}

export async function deleteSecrets(): Promise<void> {
  for (const name of ['canary', 'canary-refused'])
    await cke('resource', 'delete', 'secret', `default/${name}`, '--cluster', cluster);
}

/** Everything that cke-client says when it is handed secrets that it, or an API server, must refuse. */
export async function refusals(): Promise<string> {
  const value = Buffer.from(canaries.refused).toString('base64');
  const noCertificate = { type: 'kubernetes.io/tls', data: { 'tls.key': value } };
  const manifests = {
    'not-base64.yaml': stringify(secretNamed('canary-refused', { data: { key: `${canaries.refused}!` } })),
    'no-yaml.yaml': `${stringify(secretNamed('canary-refused', {}))}data: {key: "${canaries.refused}\n`,
    'bad-name.yaml': stringify(secretNamed('canary-refused', { data: { 'a key!': value } })),
    'no-certificate.yaml': stringify(secretNamed('canary-refused', noCertificate)),
  };
  const said: string[] = [];
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await cke(...args);
    if (code === 0) throw new Error(`${args.join(' ')} was not refused`);
    said.push(stdout, stderr);
  };
  for (const [name, text] of Object.entries(manifests))
    await ask('resource', 'set', written(name, text), '--wait', '--cluster', cluster);
  await ask('init', cluster, '--ssh-key', written('ssh-key', `-----BEGIN OPENSSH\n${canaries.sshKey}\n`));
  const pasted = readFileSync(join(lab.paths.directory, `${cluster}.yaml`), 'utf8');
  await ask('validate', written('pasted.yaml', `${pasted}token: ${canaries.refused}\n`));
  said.push((await cke('resource', 'list', '--cluster', cluster)).stdout);
  said.push((await cke('history', '--steps', '--cluster', cluster)).stdout);
  return said.join('\n');
}

/** All that must not be found, and the places where it may, as one text. */
export async function knownSecrets(): Promise<{ secrets: Secret[]; own: string }> {
  const [encryption, serviceAccount, ssh, notifications, payloads, keys] = await Promise.all([
    vaultValue<{ keys: { secret: string }[] }>('encryption'),
    vaultValue<{ private_key: string }>('service-account'),
    vaultValue<Record<string, string>>('ssh'),
    vaultValue<Record<string, string>>('notifications'),
    vaultValue<{ keys: Record<string, string> }>('default', 'cke-payloads'),
    keysOnNodes(),
  ]);
  const secretId = readFileSync(join(lab.paths.credentials, cluster, 'secret-id'), 'utf8').trim();
  const root = readVaultKeys(lab.paths).rootToken;
  const secrets: Secret[] = [
    { what: 'the SSH key', needles: pieces(readFileSync(lab.paths.sshKey, 'utf8')) },
    { what: 'the service account key', needles: pieces(serviceAccount.private_key) },
    { what: 'the encryption key', needles: encryption.keys.map(({ secret }) => secret) },
    { what: 'the key of payloads', needles: Object.values(payloads.keys) },
    { what: 'the root token of Vault', needles: [root] },
    { what: 'the secret-id', needles: [secretId] },
    ...keys.map(({ what, pem }) => ({ what, needles: pieces(pem) })),
    ...Object.entries(canaries).map(([what, text]) => ({ what: `the canary ${what}`, needles: spellings(text) })),
  ];
  const vault = [encryption, serviceAccount, ssh, notifications, payloads];
  const planted = [canaries.password, canaries.refused, canaries.sshKey, notifications['canary'] ?? ''];
  return {
    secrets,
    own: [JSON.stringify(vault), root, secretId, ...keys.map(({ pem }) => pem), ...planted].join('\n'),
  };
}

async function vaultValue<T>(name: string, mount = `cke/${cluster}/secrets`): Promise<T> {
  const text = await run('vault', 'read', '-format=json', `${mount}/data/${name}`);
  return fromJson<{ data: { data: T } }>(text).data.data;
}

/** Every private key that lies on a node now, those inside kubeconfigs included. */
async function keysOnNodes(): Promise<{ what: string; pem: string }[]> {
  const script =
    "find -L /etc/kubernetes /etc/etcd /etc/rivers -path '*/.sets' -prune -o -name '*.key' -print -o -name kubeconfig -print";
  const perNode = declaredNames.map(async (name) => {
    const paths = (await lab.node(name).exec(['sh', '-c', script])).trim().split('\n');
    return Promise.all(
      paths.map(async (path) => {
        const text = await lab.node(name).exec(['cat', path]);
        const inside = /client-key-data: (\S+)/.exec(text)?.[1];
        return { what: `${path} of ${name}`, pem: inside === undefined ? text : decoded(inside) };
      }),
    );
  });
  return (await Promise.all(perNode)).flat();
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** A line from the middle of a PEM text, and the same in base64 as kubeconfigs and payloads have it. */
function pieces(pem: string): string[] {
  const lines = pem.trim().split('\n').slice(1, -1);
  const middle = lines[Math.floor(lines.length / 2)] ?? '';
  return [middle, Buffer.from(pem).toString('base64').slice(64, 128)];
}

/** A word as it is, and in base64 at whatever place of a longer text. */
function spellings(text: string): string[] {
  const shifted = [0, 1, 2].map((by) => Buffer.from(`${'x'.repeat(by)}${text}`).toString('base64'));
  return [text, ...shifted.map((base64) => base64.slice(4, 4 * Math.floor((text.length * 8) / 24) - 4))];
}

/** How many of the needles a text has, slashes written as JSON has them sometimes included. */
export const hits = (text: string, needles: readonly string[]): number =>
  needles.filter(
    (needle) => needle.length > 15 && (text.includes(needle) || text.includes(needle.replaceAll('/', String.raw`\/`))),
  ).length;
