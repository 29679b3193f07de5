import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { ownCredentials } from '../../activities/credentials.ts';
import { readDeclaration } from '../../activities/declarations.ts';
import { loadSettings } from '../../activities/settings.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import { closePorts, openPorts } from '../../worker/ports.ts';
import { cluster, lab } from './story.ts';

export const namespace = 'keys';
const path = `/api/v1/namespaces/${namespace}/secrets`;
const masters = ['cp-1', 'cp-2', 'cp-3'];

interface Kubeconfig {
  clusters: { cluster: { 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

interface Asked {
  node: string;
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: object;
}

/** One request to the API server of one control plane, without rivers in between; status 0 when it does not answer. */
function ask({ node, method, path: at, body }: Asked): Promise<{ status: number; text: string }> {
  const { clusters, users } = parse(readFileSync(lab.paths.kubeconfig, 'utf8')) as Kubeconfig;
  const pem = (text = '') => Buffer.from(text, 'base64');
  const tls = {
    ca: pem(clusters[0]?.cluster['certificate-authority-data']),
    cert: pem(users[0]?.user['client-certificate-data']),
    key: pem(users[0]?.user['client-key-data']),
  };
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve) => {
    const silent = () => resolve({ status: 0, text: '' });
    const url = `https://${lab.node(node).address}:6443${at}`;
    const headers = { 'Content-Type': type };
    const outgoing = request(url, { ...tls, method, headers, timeout: 5_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', silent);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', silent);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const nameOf = (index: number): string => `secret-${index}`;
const dataOf = (value: string) => ({ value: Buffer.from(value).toString('base64') });

/** Creates so many Secrets, each with a value of its own; those that are there are kept. */
export async function createSecrets(count: number): Promise<void> {
  await ask({
    node: 'cp-1',
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name: namespace } },
  });
  const queue = Array.from({ length: count }, (_, index) => index);
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const body = { metadata: { name: nameOf(next) }, data: dataOf(`first of ${next}`) };
      await ask({ node: 'cp-1', method: 'POST', path, body });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

export interface Account {
  samples: Record<string, number>;
  /** What an API server said that could not read a Secret. */
  unreadable: string[];
  /** The last value of each Secret that an API server has accepted. */
  written: Map<number, string>;
}

/** Reads Secrets through each API server, straight from etcd, and writes others, until the signal. */
export async function readAndWrite(count: number, signal: AbortSignal): Promise<Account> {
  const account: Account = { samples: {}, unreadable: [], written: new Map() };
  const some = () => Math.floor(Math.random() * count);
  const read = async (node: string) => {
    while (!signal.aborted) {
      const { status, text } = await ask({ node, method: 'GET', path: `${path}/${nameOf(some())}` });
      if (status === 200) account.samples[node] = (account.samples[node] ?? 0) + 1;
      else if (/transform|decrypt|prefix|cipher/i.test(text)) account.unreadable.push(`${node}: ${text.slice(0, 200)}`);
      await sleep(100);
    }
  };
  const write = async () => {
    for (let number = 0; !signal.aborted; number++) {
      const [index, node = 'cp-1'] = [some(), masters[number % masters.length]];
      const value = `write ${number}`;
      const body = { data: dataOf(value) };
      const { status } = await ask({ node, method: 'PATCH', path: `${path}/${nameOf(index)}`, body });
      if (status === 200) account.written.set(index, value);
      // No answer: it may have been written or not.
      if (status === 0) account.written.delete(index);
      await sleep(100);
    }
  };
  await Promise.all([...masters.map(read), write()]);
  return account;
}

/** Secrets that do not hold what was last written to them, read through one API server. */
export async function wrongValues(node: string, written: Account['written']): Promise<string[]> {
  const wrong: string[] = [];
  for (const [index, value] of written) {
    const { status, text } = await ask({ node, method: 'GET', path: `${path}/${nameOf(index)}` });
    const found = status === 200 ? (JSON.parse(text) as { data: { value: string } }).data.value : `status ${status}`;
    if (found !== dataOf(value).value) wrong.push(`${nameOf(index)}: ${found}`);
  }
  return wrong;
}

function prefixOf(value: Uint8Array): string {
  const start = Buffer.from(value.subarray(0, 80)).toString('latin1');
  return /^k8s:enc:\w+:v\d:[^:]+:/.exec(start)?.[0] ?? 'in clear';
}

/** How many Secrets lie in etcd by what their values begin with: provider and name of the key. */
export const storedPrefixes = (): Promise<Record<string, number>> => storedMarks(prefixOf);

/** How many Secrets lie in etcd, by what is to be known of their values. */
export async function storedMarks(mark: (value: Uint8Array) => string): Promise<Record<string, number>> {
  const ports = await openPorts(loadSettings(lab.paths.settings));
  try {
    const stored = await ports.store.declarations.get(cluster, 'latest');
    const declaration = readDeclaration(cluster, stored?.text ?? '');
    const credentials = await ownCredentials(ports.vault).etcd(declaration);
    const reach = { cluster, nodes: controlPlanes(declaration), credentials };
    const counts: Record<string, number> = {};
    for (let after: string | undefined; ;) {
      const query = {
        prefix: '/registry/secrets/',
        limit: 200,
        mark,
        ...(after !== undefined && { after }),
      };
      const { entries, more } = await ports.etcd.page({ ...reach, query });
      for (const entry of entries) counts[entry.mark] = (counts[entry.mark] ?? 0) + 1;
      after = entries.at(-1)?.key;
      if (more === 'no') return counts;
    }
  } finally {
    closePorts(ports);
  }
}
