import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { writeDeclaration } from '../../lab/demo-declaration.ts';
import { writeAtomically } from '../../lab/state.ts';
import { asked, gapsOf, underClients, type Measured } from './clients.ts';
import { quantile, seconds, whole, type Figure } from './figures.ts';
import type { Site } from './site.ts';

/** Changes of etcd's flags, each of which restarts three members. */
const mostChanges = 4;

/** Flags that change nothing but the container, so that etcd's members, and then the API servers, are restarted one by one. */
export async function restarts(site: Site, rounds: number): Promise<Figure[]> {
  const gaps: number[] = [];
  const requests: Measured['requests'] = [];
  for (let change = 0; change < Math.min(rounds, mostChanges); change++) {
    await site.settled();
    const measured = await underClients(site, withFlag(site, 'etcd', `--max-txn-ops=${200 + change}`));
    gaps.push(...longestGaps(measured));
    requests.push(...measured.requests);
  }
  await site.settled();
  const servers = await underClients(site, withFlag(site, 'kube-api', '--max-requests-inflight=401'));
  return [
    {
      what: `planned restart of an etcd member, ${gaps.length} times: longest gap in a client's writes, p50 / p99 / longest`,
      ours: [0.5, 0.99, 1].map((share) => whole(quantile(gaps, share), 'ms')).join(' / '),
      goal: 'p99 < 250 ms',
    },
    { what: '… requests through rivers: all, tried again, failed', ours: asked(requests), goal: '0 failed' },
    { what: 'restart of three API servers, one by one', ours: seconds(servers.took) },
    { what: '… requests through rivers: all, tried again, failed', ours: asked(servers.requests), goal: '0 failed' },
  ];
}

/** The demo's declaration with one more flag. */
function withFlag({ lab }: Site, component: 'etcd' | 'kube-api', flag: string): string {
  const file = writeDeclaration(lab);
  const document = parseDocument(readFileSync(file, 'utf8'));
  document.setIn(['options', component, 'extra_args'], [flag]);
  writeAtomically(file, document.toString());
  return file;
}

/** What belongs to the restart of a member, from the moment before until it is in sync again. */
const partsOfRestart = ['moveLeaderAway', 'restartMember', 'awaitMemberSynced'];

/** Of each restart of a member, the longest time in which the client had no write answered. */
function longestGaps({ operations, writes }: Measured): number[] {
  const parts = operations.flatMap(({ activities }) => activities).filter(({ name }) => partsOfRestart.includes(name));
  const gaps = gapsOf(writes).map((lasted, index) => ({ lasted, began: writes[index] ?? 0 }));
  return [...Map.groupBy(parts, ({ place }) => place.node).values()].map((runs) => {
    const began = Math.min(...runs.map(({ scheduledAt }) => scheduledAt));
    const ended = Math.max(...runs.map(({ endedAt }) => endedAt));
    return Math.max(
      ...gaps.flatMap((gap) => (gap.began + gap.lasted > began && gap.began < ended ? [gap.lasted] : [])),
    );
  });
}
