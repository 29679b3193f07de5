import type { Etcd3 } from 'etcd3';
import type { Outcome } from './history.ts';

/** A value with what a change of it is guarded by. */
export interface Held {
  readonly value: string;
  readonly version: string;
}

/** Something that keeps values, asked through one server. What throws has no answer. */
export interface Store {
  /** Linearizable; undefined for what is not there. */
  read(object: string): Promise<Held | undefined>;
  /** Refused when it was changed since it was read; `held` undefined creates it. */
  write(object: string, held: Held | undefined, value: string): Promise<Exclude<Outcome, 'unknown'>>;
}

/** Keys of etcd, each changed by a transaction that compares its revision. */
export function etcdStore(client: Etcd3): Store {
  const keyOf = (object: string) => `workload/${object}`;
  return {
    async read(object) {
      const { kvs } = await client.get(keyOf(object)).exec();
      const [kv] = kvs;
      return kv && { value: kv.value.toString(), version: kv.mod_revision };
    },
    async write(object, held, value) {
      const { succeeded } = await client
        .if(keyOf(object), 'Mod', '==', Number(held?.version ?? 0))
        .then(client.put(keyOf(object)).value(value))
        .commit();
      return succeeded ? 'ok' : 'failed';
    },
  };
}
