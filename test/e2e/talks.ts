import { request, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ConnectionOptions } from 'node:tls';
import { ports } from '../../cluster/components/endpoint.ts';
import type { Rotatable } from '../../cluster/certificates/trust.ts';
import { againAndAgain } from './again.ts';
import type { Identity } from './api-client.ts';
import { declaredNames } from './declaration.ts';
import { lab } from './story.ts';

/** A component on a node, what it shows and trusts as it lies there now, and the doors of the components that it talks to. */
interface Talker {
  readonly who: string;
  readonly node: string;
  /** A kubeconfig, or a CA beside a pair without its extension. */
  readonly files: { kubeconfig: string } | { ca: string; pair: string };
  readonly doors: readonly Door[];
}

/** `shake`: a handshake in which the server judges the client's certificate; a path: a request whose sender must be known. */
interface Door {
  readonly node: string;
  readonly port: number;
  readonly how: 'shake' | { path: string; headers?: Record<string, string> };
}

const masters = declaredNames.filter((name) => name.startsWith('cp-'));
const pki = '/etc/kubernetes/pki';
const [kubeletPort, apiPath] = [10_250, '/api/v1/namespaces/default'];

const doorsOf = (names: readonly string[], port: number, how: Door['how']): Door[] =>
  names.map((node) => ({ node, port, how }));

/** Who talks to whom by certificates of an authority. */
export function talkersOf(of: Rotatable): Talker[] {
  const api = doorsOf(masters, ports.apiServer, { path: apiPath });
  const client = (who: string, nodes: readonly string[]): Talker[] =>
    nodes.map((node) => ({ who, node, files: { kubeconfig: `/etc/kubernetes/${who}/kubeconfig` }, doors: api }));
  switch (of) {
    case 'etcd-peer':
      return masters.map((node) => ({
        who: 'etcd',
        node,
        files: { ca: '/etc/etcd/pki/ca-peer.crt', pair: '/etc/etcd/pki/peer' },
        doors: doorsOf(others(node), ports.etcdPeer, 'shake'),
      }));
    case 'server':
    case 'etcd-client':
      return masters.map((node) => ({
        who: 'kube-apiserver',
        node,
        files: { ca: `${pki}/etcd-ca.crt`, pair: `${pki}/apiserver-etcd-client` },
        doors: doorsOf(masters, ports.etcdClient, 'shake'),
      }));
    case 'kubernetes':
      return [
        ...client('kubelet', declaredNames),
        ...client('proxy', declaredNames),
        ...client('controller-manager', masters),
        ...client('scheduler', masters),
        ...masters.map((node) => ({
          who: 'kube-apiserver',
          node,
          files: { ca: `${pki}/ca.crt`, pair: `${pki}/apiserver-kubelet-client` },
          doors: doorsOf(declaredNames, kubeletPort, { path: '/healthz' }),
        })),
      ];
    case 'kubernetes-aggregation':
      return masters.map((node) => ({
        who: 'front proxy',
        node,
        files: { ca: `${pki}/ca.crt`, pair: `${pki}/aggregation` },
        doors: doorsOf(masters, ports.apiServer, { path: apiPath, headers: onBehalf }),
      }));
    default:
      return [];
  }
}

/** What the front proxy says of whom it speaks for. */
export const onBehalf = { 'X-Remote-User': 'story', 'X-Remote-Group': 'system:masters' };

const others = (node: string): string[] => masters.filter((name) => name !== node);

/** What a talker has on its node at this moment, read in one go. */
export async function identityOf({ node, files }: Pick<Talker, 'node' | 'files'>): Promise<Identity> {
  const paths = 'kubeconfig' in files ? [files.kubeconfig] : [files.ca, `${files.pair}.crt`, `${files.pair}.key`];
  const script = 'for file; do cat "$file"; echo "@@"; done';
  const texts = (await lab.node(node).exec(['sh', '-c', script, 'read', ...paths])).split('@@\n');
  const [ca = '', cert = '', key = ''] = 'kubeconfig' in files ? insideOf(texts[0] ?? '') : texts;
  return { ca, cert, key };
}

function insideOf(kubeconfig: string): string[] {
  return ['certificate-authority-data', 'client-certificate-data', 'client-key-data'].map((field) =>
    Buffer.from(new RegExp(`${field}: (\\S+)`, 'u').exec(kubeconfig)?.[1] ?? '', 'base64').toString(),
  );
}

/** `yes`; `away`: nobody is there at the moment; else what one of the two does not believe. */
export async function knock({ node, port, how }: Door, identity: Identity): Promise<string> {
  // Below TLS 1.3 a handshake ends when the server has judged the client's certificate, too.
  const target = { host: lab.node(node).address, port, ...identity, maxVersion: 'TLSv1.2', timeout: 3_000 } as const;
  const answer = await (how === 'shake' ? shake(target) : send({ ...target, ...how }));
  return /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|no answer/u.test(answer) ? 'away' : answer;
}

function shake(target: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(target, () => {
      resolve('yes');
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', () => resolve('ECONNRESET'));
  });
}

function send(target: RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ ...target, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => resolve(isKnown(response.statusCode ?? 0, text) ? 'yes' : `it answers ${text}`));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}

/** What a known sender may not do is another matter. */
const isKnown = (status: number, text: string): boolean => status !== 401 && !text.includes('system:anonymous');

export interface TalkSampler {
  readonly seen: Talks;
  stop(): Promise<Talks>;
}

interface Talks {
  samples: number;
  talks: number;
  away: number;
  /** Who did not believe whom, in sentences. */
  readonly disbelief: Set<string>;
}

/** What was said of one talk: see `knock`. */
export type Note = (what: string, said: string) => void;

/** Looks again and again, once a second at most, until it is stopped. */
export function sampling(look: (note: Note) => Promise<unknown>): TalkSampler {
  const seen: Talks = { samples: 0, talks: 0, away: 0, disbelief: new Set() };
  const note: Note = (what, said) => {
    if (said === 'yes') seen.talks += 1;
    else if (said === 'away') seen.away += 1;
    else seen.disbelief.add(`${what}: ${said.slice(0, 200)}`);
  };
  const stop = againAndAgain(async () => {
    await Promise.all([look(note), sleep(1_000)]);
    seen.samples += 1;
  });
  return { seen, stop: () => stop().then(() => seen) };
}

/** Has every component talk to all of its peers by certificates of an authority. */
export function sampleTalks(of: Rotatable): TalkSampler {
  const talkers = talkersOf(of);
  return sampling((note) => Promise.all(talkers.map((talker) => talk(talker, note))));
}

async function talk(talker: Talker, note: Note): Promise<void> {
  const identity = await identityOf(talker);
  await Promise.all(
    talker.doors.map(async (door) => {
      const first = await knock(door, identity);
      // Between CA, certificate and key of one reading the set may have been switched.
      const said = first === 'yes' || first === 'away' ? first : await knock(door, await identityOf(talker));
      note(`${talker.who} of ${talker.node} to ${door.node}:${door.port}`, said);
    }),
  );
}
