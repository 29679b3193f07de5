import { setTimeout as sleep } from 'node:timers/promises';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { clientUrl } from '../../activities/etcd/gateways.ts';
import { applyDeclaration } from '../../lab/demo-cluster.ts';
import { startRiversClients, type Asked } from '../workload/rivers-clients.ts';
import { activitiesText, roundsText } from './bootstrap.ts';
import { clientCredentialsOf } from './look.ts';
import { operationsSince, type OperationHistory } from './operation-history.ts';
import type { Site } from './site.ts';

export interface Measured {
  /** Milliseconds, as all here. */
  took: number;
  operations: OperationHistory[];
  requests: Asked[];
  /** When a client of etcd that writes all the time had each answer, since 1970. */
  writes: number[];
}

/** Carries a declaration out while a client on each node asks API servers through rivers, and another one writes to etcd. */
export async function underClients(site: Site, declaration: string): Promise<Measured> {
  const { lab, progress, client, cluster } = site;
  const credentials = await clientCredentialsOf(site);
  const clients = startRiversClients(lab.nodes(), credentials.kubernetes);
  const writer = writeAllTheTime(site, credentials.etcd);
  const since = Date.now();
  const { milliseconds: took } = await applyDeclaration(lab, progress, declaration);
  const [requests, writes] = [clients.stop(), await writer.stop()];
  const operations = await operationsSince(client, cluster, since);
  process.stdout.write(`${roundsText(operations)}\n${activitiesText(operations)}\n`);
  return { took, operations, requests, writes };
}

/** Requests in all, those that were tried again, those that failed in the end. */
export function asked(requests: readonly Asked[]): string {
  const again = requests.filter(({ failures }) => failures.length > 0).length;
  return `${requests.length}, ${again}, ${requests.filter(({ outcome }) => outcome === 'failed').length}`;
}

/** Milliseconds between one write that was answered and the next. */
export function gapsOf(writes: readonly number[]): number[] {
  return writes.slice(1).map((at, index) => at - (writes[index] ?? at));
}

type Credentials = Awaited<ReturnType<typeof clientCredentialsOf>>['etcd'];

/** One client that knows every member, as an API server does: it writes to another one when one does not answer. */
function writeAllTheTime({ lab }: Site, credentials: Credentials) {
  const members = lab.nodes().filter(({ name }) => name.startsWith('cp-'));
  const doors = members.map(({ address }) =>
    openEtcdClient({ endpoint: clientUrl(address), credentials, timeoutMs: 500 }),
  );
  const stopped = new AbortController();
  const writes: number[] = [];
  const working = (async () => {
    for (let turn = 0, count = 0; !stopped.signal.aborted;) {
      try {
        await doors[turn % doors.length]?.put('bench/write').value(String(count++));
        writes.push(performance.timeOrigin + performance.now());
        await sleep(5);
      } catch {
        turn += 1;
      }
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await working;
      for (const door of doors) door.close();
      return writes;
    },
  };
}
