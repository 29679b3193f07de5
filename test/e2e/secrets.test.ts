import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readVaultKeys } from '../../lab/servers/vault.ts';
import { dockerOf } from './containers.ts';
import { fromJson } from './json.ts';
import { standingCluster } from './standing.ts';
import { cluster, figure, lab, run } from './story.ts';

/** A secret and the places that hold it rightly: looked for there too, so that a search that finds nothing can find something. */
interface Secret {
  readonly what: string;
  readonly needles: readonly string[];
}

describe('no secret is where people and programs look', () => {
  const secrets: Secret[] = [];
  beforeAll(async () => {
    await standingCluster();
    secrets.push(...(await knownSecrets()));
  });

  test('the search finds each secret where it belongs', async () => {
    const vault = JSON.stringify(
      await Promise.all(['ssh', 'encryption', 'service-account'].map((name) => stored(name))),
    );
    const own = [vault, readFileSync(lab.paths.vaultKeys, 'utf8'), credentialFiles(), await keysOnNode()].join('\n');
    for (const { what, needles } of secrets) expect(hits(own, needles), what).toBeGreaterThan(0);
  });

  test.each<[string, () => Promise<string>, string]>([
    ['the history of all workflows, in Temporal’s own database', temporalDatabase, 'clusterWorkflow'],
    ['the exported history of all workflows', exportedHistories, 'installFiles'],
    ['the logs of the workers', workerLogs, 'polling'],
    ['docker inspect of all containers', inspections, 'kube-apiserver'],
    ['the dump of the management etcd', managementEtcd, `cke/${cluster}/`],
    ['the command lines of all processes', commandLines, 'kube-apiserver'],
  ])('%s', async (what, read, marker) => {
    const text = await read();
    figure(`searched ${what}`, `${Math.round(text.length / 1024)} KiB`);
    expect(text, 'the right thing was searched').toContain(marker);
    for (const { what: secret, needles } of secrets) expect(hits(text, needles), `${secret} in ${what}`).toBe(0);
  });
});

async function knownSecrets(): Promise<Secret[]> {
  const [encryption, serviceAccount] = await Promise.all([
    stored<{ keys: { secret: string }[] }>('encryption'),
    stored<{ private_key: string }>('service-account'),
  ]);
  return [
    { what: 'the SSH key', needles: pieces(readFileSync(lab.paths.sshKey, 'utf8')) },
    { what: 'the service account key', needles: pieces(serviceAccount.private_key) },
    { what: 'the encryption key', needles: encryption.keys.map(({ secret }) => secret) },
    { what: 'the root token of Vault', needles: [readVaultKeys(lab.paths).rootToken] },
    {
      what: 'the secret-id',
      needles: [readFileSync(join(lab.paths.credentials, cluster, 'secret-id'), 'utf8').trim()],
    },
    {
      what: 'a private key on a node',
      needles: pieces(await lab.node('cp-1').exec(['cat', '/etc/kubernetes/pki/apiserver.key'])),
    },
  ];
}

/** Lines from the middle of a PEM text, and the same in base64 as kubeconfigs and payloads have it. */
function pieces(pem: string): string[] {
  const lines = pem.trim().split('\n').slice(1, -1);
  const middle = lines[Math.floor(lines.length / 2)] ?? '';
  const whole = Buffer.from(pem).toString('base64');
  return [middle, whole.slice(64, 128)];
}

const hits = (text: string, needles: readonly string[]): number =>
  needles.filter(
    (needle) => needle.length > 15 && (text.includes(needle) || text.includes(needle.replaceAll('/', String.raw`\/`))),
  ).length;

async function stored<T>(name: string): Promise<T> {
  const text = await run('vault', 'read', '-format=json', `cke/${cluster}/secrets/data/${name}`);
  return fromJson<{ data: { data: T } }>(text).data.data;
}

const credentialFiles = (): string => readFileSync(join(lab.paths.credentials, cluster, 'secret-id'), 'utf8');

const keysOnNode = (): Promise<string> => lab.node('cp-1').exec(['cat', '/etc/kubernetes/pki/apiserver.key']);

async function temporalDatabase(): Promise<string> {
  const directory = lab.paths.server('temporal');
  const files = readdirSync(directory).filter((file) => file.includes('.db'));
  return files.map((file) => readFileSync(join(directory, file), 'latin1')).join('\n');
}

interface Listed {
  execution: { workflowId: string; runId: string };
}

async function exportedHistories(): Promise<string> {
  const listed = fromJson<Listed[]>(await run('temporal', 'workflow', 'list', '--limit', '200', '--output', 'json'));
  const texts: string[] = [];
  for (const { execution } of listed) {
    const { workflowId, runId } = execution;
    texts.push(
      await run('temporal', 'workflow', 'show', '--workflow-id', workflowId, '--run-id', runId, '--output', 'json'),
    );
  }
  return texts.join('\n');
}

async function workerLogs(): Promise<string> {
  const directory = join(lab.paths.directory, 'log');
  const logs = readdirSync(directory).filter((file) => file.startsWith('worker-'));
  const own = logs.map((file) => readFileSync(join(directory, file), 'utf8')).filter((text) => text !== '');
  return own.join('\n');
}

async function inspections(): Promise<string> {
  const perNode = await Promise.all(
    lab.nodes().map(async (node) => {
      const docker = dockerOf(node);
      const listed = await docker.listContainers({ all: true });
      return Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
    }),
  );
  return JSON.stringify(perNode);
}

const managementEtcd = (): Promise<string> => run('etcdctl', 'get', '', '--prefix');

async function commandLines(): Promise<string> {
  const perNode = await Promise.all(
    lab.nodes().map((node) => node.exec(['sh', '-c', 'cat /proc/*/cmdline /proc/*/environ 2>/dev/null || true'])),
  );
  return perNode.join('\n').replaceAll('\0', ' ');
}
