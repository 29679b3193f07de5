import type { ComparatorBuilder, Etcd3 } from 'etcd3';
import { CkeError } from '../../cluster/errors.ts';
import { openEtcdClient } from '../etcd/client.ts';
import type { EtcdCredentials } from '../etcd/client.ts';
import { classifyEtcdError } from '../etcd/failure.ts';

export interface StoreOptions {
  /** Client URLs of the management etcd, e.g. `https://10.0.0.2:2379`. */
  endpoints: string[];
  credentials: EtcdCredentials;
  /** Deadline of each call, in milliseconds; 3000 unless told. */
  timeoutMs?: number;
}

/** The way to the management etcd. Reads move on to the next endpoint, writes are sent once. */
export interface StoreConnection {
  /** Runs a call that may be repeated. @throws CkeError StoreUnavailable when no endpoint answers */
  read<T>(call: (client: Etcd3) => Promise<T>): Promise<T>;
  /**
   * Sends a write once, to the endpoint that answered last.
   * @throws CkeError StoreUnavailable when its outcome is not known: read before trying again
   */
  write<T>(call: (client: Etcd3) => Promise<T>): Promise<T>;
  /** The same for a transaction. Returns whether its comparisons held. */
  commit(transaction: (client: Etcd3) => ComparatorBuilder): Promise<boolean>;
  /** A client of its own for a long stream, of the endpoint that answered last. The caller closes it. */
  openStreamClient(): { client: Etcd3; endpoint: string };
  /** What is said when an endpoint lets a stream down: the next one is tried. */
  giveUp(endpoint: string): void;
  close(): void;
}

export function connectStore({ endpoints, credentials, timeoutMs = 3_000 }: StoreOptions): StoreConnection {
  const clients = new Map<string, Etcd3>();
  const order = [...endpoints];
  const open = (endpoint: string) => openEtcdClient({ endpoint, credentials, timeoutMs });
  const client = (endpoint: string): Etcd3 => {
    const known = clients.get(endpoint) ?? open(endpoint);
    clients.set(endpoint, known);
    return known;
  };
  const preferred = (): string => order[0] ?? unavailable(endpoints, 'the settings name no endpoint');
  const giveUp = (endpoint: string): void => {
    if (order[0] === endpoint) order.push(...order.splice(0, 1));
  };

  const write = async <T>(call: (client: Etcd3) => Promise<T>): Promise<T> => {
    const endpoint = preferred();
    try {
      return await call(client(endpoint));
    } catch (error) {
      giveUp(endpoint);
      return unavailable(endpoints, classifyEtcdError(error).because);
    }
  };

  return {
    async read(call) {
      let because = '';
      for (let attempt = 0; attempt < endpoints.length; attempt++) {
        const endpoint = preferred();
        try {
          return await call(client(endpoint));
        } catch (error) {
          if (error instanceof CkeError) throw error;
          because = classifyEtcdError(error).because;
          giveUp(endpoint);
        }
      }
      return unavailable(endpoints, because);
    },
    write,
    commit: async (transaction) => (await write((each) => transaction(each).commit())).succeeded,
    openStreamClient: () => ({ client: open(preferred()), endpoint: preferred() }),
    giveUp,
    close() {
      for (const each of clients.values()) each.close();
      clients.clear();
    },
  };
}

function unavailable(endpoints: string[], because: string): never {
  throw new CkeError({
    code: 'StoreUnavailable',
    message: `the management etcd (${endpoints.join(', ')}) does not answer`,
    got: because,
    want: 'a majority of its members running, and the client certificate of the settings accepted',
    fix: `etcdctl endpoint health --endpoints ${endpoints.join(',')}`,
    remedy: 'retry',
  });
}
