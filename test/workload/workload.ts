import { setTimeout as sleep } from 'node:timers/promises';
import { createConfiguration, CoreV1Api, ServerConfiguration, wrapHttpLibrary } from '@kubernetes/client-node';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { clientUrl } from '../../activities/etcd/gateways.ts';
import { createTransport } from '../../activities/kubernetes/transport.ts';
import { beginning, readOnce, work, type Client } from './clients.ts';
import { configMapStore } from './config-map-store.ts';
import { createDoors } from './doors.ts';
import { etcdStore, type Store } from './etcd-store.ts';
import type { Operation } from './history.ts';

export interface WorkloadPlace {
  /** Addresses of all machines that are, were or become control planes. */
  readonly addresses: readonly string[];
  readonly etcd: ClientCredentials;
  readonly kubernetes: ClientCredentials;
  /** Part of each object's name: what one workload left does not disturb the next. */
  readonly name: string;
}

export interface Workload {
  /** Ends all clients and reads every object once more through everybody who answers. Throws when nobody does. */
  stop(): Promise<Operation[]>;
}

const timeoutMs = 3_000;
const patienceMilliseconds = 60_000;

/** Registers and logs in etcd, and counters in ConfigMaps, that several clients change at the same time, without a pause. */
export async function startWorkload({ addresses, etcd, kubernetes, name }: WorkloadPlace): Promise<Workload> {
  const etcds = addresses.map((address) =>
    openEtcdClient({ endpoint: clientUrl(address), credentials: etcd, timeoutMs }),
  );
  const [keys, configMaps] = [etcds.map(etcdStore), addresses.map((address) => configMapsAt(address, kubernetes))];
  const registers = { kind: 'register', objects: numbered(`${name}-register`, 3), stores: keys } as const;
  const logs = { kind: 'log', objects: numbered(`${name}-log`, 3), stores: keys } as const;
  const counters = { kind: 'register', objects: numbered(`${name}-counter`, 2), stores: configMaps } as const;
  const parts = [registers, logs, counters];
  const history: Operation[] = [];
  const stopped = new AbortController();
  for (const part of parts) for (const object of part.objects) await create(object, part);
  const clients = parts.flatMap((part, index) => {
    const doors = createDoors<Store>(part.stores);
    return [1, 2].map((number): Client => ({
      ...part,
      name: `c${index}${number}`,
      doors,
      pauseMilliseconds: index === 1 ? 150 : 60,
    }));
  });
  const working = clients.map((client) => work(client, history, stopped.signal));
  return {
    async stop() {
      stopped.abort();
      await Promise.all(working);
      try {
        for (const part of parts) for (const object of part.objects) await readEverywhere(object, part, history);
      } finally {
        for (const client of etcds) client.close();
      }
      return history;
    },
  };
}

interface Part {
  readonly kind: Client['kind'];
  readonly objects: readonly string[];
  readonly stores: readonly Store[];
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

function configMapsAt(address: string, credentials: ClientCredentials): Store {
  const baseServer = new ServerConfiguration(`https://${address}:6443`, {});
  const httpApi = wrapHttpLibrary(createTransport(credentials));
  return configMapStore(new CoreV1Api(createConfiguration({ baseServer, httpApi })));
}

/** Makes an object through the first server that answers; one that is there already was made by an attempt without an answer. */
async function create(object: string, { kind, stores }: Part): Promise<void> {
  await anyOf(stores, async (store) => {
    if ((await store.read(object)) === undefined) await store.write(object, undefined, beginning(kind));
  });
}

/** The last word: every server that answers says what is there. */
async function readEverywhere(object: string, { kind, stores }: Part, history: Operation[]): Promise<void> {
  await anyOf(stores, (store) => readOnce({ kind }, { object, store, history }));
  await Promise.allSettled(stores.map((store) => readOnce({ kind }, { object, store, history })));
}

async function anyOf(stores: readonly Store[], call: (store: Store) => Promise<unknown>): Promise<void> {
  const end = Date.now() + patienceMilliseconds;
  for (let failure: unknown; Date.now() < end; await sleep(500)) {
    for (const store of stores) {
      try {
        await call(store);
        return;
      } catch (error) {
        failure = error;
      }
    }
    if (Date.now() + 500 > end) throw failure;
  }
}
