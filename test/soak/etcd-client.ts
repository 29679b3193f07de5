import { setTimeout as sleep } from 'node:timers/promises';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { clientUrl } from '../../activities/etcd/gateways.ts';
import { clientCredentials } from '../e2e/servers.ts';
import { lab } from '../e2e/story.ts';

export interface EtcdLoad {
  /** Requests that no retry saved, and what they met. */
  readonly failed: string[];
  /** Ends it; returns how many values were written and read back. */
  stop(): Promise<number>;
}

/** How often a request is tried before it counts as failed, half a second apart, each time at another member. */
const tries = 20;

/** An application of etcd: writes a value, reads it at another member, and tries again where one does not answer. */
export async function retryingEtcdClient(names: readonly string[]): Promise<EtcdLoad> {
  const { etcd: credentials } = await clientCredentials();
  const clients = names.map((name) =>
    openEtcdClient({ endpoint: clientUrl(lab.node(name).address), credentials, timeoutMs: 3_000 }),
  );
  const end = new AbortController();
  const failed: string[] = [];
  let done = 0;
  const retried = async (what: string, first: number, call: (at: number) => Promise<unknown>) => {
    const met = new Set<string>();
    for (let attempt = 0; attempt < tries && !end.signal.aborted; attempt += 1) {
      try {
        await call((first + attempt) % clients.length);
        return;
      } catch (error) {
        met.add(error instanceof Error ? error.message : String(error));
      }
      await sleep(500);
    }
    if (!end.signal.aborted) failed.push(`${what}: ${[...met].join(', ')}`);
  };
  const going = (async () => {
    for (; !end.signal.aborted; done += 1) {
      const value = String(done);
      await retried(`write ${value}`, done, async (at) => clients[at]?.put('soak/value').value(value).exec());
      await retried(`read ${value}`, done + 1, async (at) => {
        const found = await clients[at]?.get('soak/value').string();
        if (found !== value) throw new Error(`read ${String(found)} after ${value} was written`);
      });
      await sleep(200);
    }
  })();
  return {
    failed,
    async stop() {
      end.abort();
      await going;
      for (const client of clients) client.close();
      return done;
    },
  };
}
