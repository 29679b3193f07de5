import { describe, expect, test } from 'vitest';
import type { EtcdView } from '../view.ts';
import { judgeObservedChange } from './change-rules.ts';
import { declare } from './testing/fleet.ts';

const of = (count: number, without: string[] = []) => {
  const all = declare({ controlPlanes: 5, workers: 1 });
  const wanted = all.nodes
    .filter(({ name, control_plane }) => control_plane && !without.includes(name))
    .slice(0, count);
  return { ...all, nodes: [...wanted, ...all.nodes.filter(({ control_plane }) => !control_plane)] };
};
const rolling = (declaration: ReturnType<typeof declare>) => ({
  ...declaration,
  update_strategy: { ...declaration.update_strategy, rolling_replace: true },
});
const seen = (names: string[], down: string[] = []): EtcdView => ({
  state: 'observed',
  members: names.map((node, index) => ({
    node,
    id: String(index),
    role: 'voter',
    sync: down.includes(node) ? 'unsynced' : 'synced',
    leader: 'follower',
  })),
});
const three = ['cp-1', 'cp-2', 'cp-3'];
const five = [...three, 'cp-4', 'cp-5'];

describe('may the control planes change so, as the cluster is now?', () => {
  test.each<[question: string, change: Parameters<typeof judgeObservedChange>[0], says: RegExp | undefined]>([
    ['5 → 3, all in sync', { accepted: of(5), wished: of(3), etcd: seen(five) }, undefined],
    [
      '57: 5 → 3 while one that stays is down',
      { accepted: of(5), wished: of(3), etcd: seen(five, ['cp-1']) },
      /cp-4, cp-5 in sync would leave while cp-1 is unsynced.*2 of the 3 that stay.*margin 0/,
    ],
    [
      '57: a swap of a healthy one while another is down',
      { accepted: of(3), wished: of(3, ['cp-2']), etcd: seen(three, ['cp-1']) },
      /cp-2 in sync would leave while cp-1 is unsynced.*1 of the 2.*margin -1/,
    ],
    [
      'the one that is down is replaced',
      { accepted: of(3), wished: of(3, ['cp-2']), etcd: seen(three, ['cp-2']) },
      undefined,
    ],
    ['58: 3 → 1, all in sync', { accepted: of(3), wished: of(1), etcd: seen(three) }, undefined],
    [
      'one control plane after the other is exchanged before the first exchange has begun',
      { accepted: of(3, ['cp-1']), wished: of(3, ['cp-1', 'cp-2']), etcd: seen(three) },
      /1 of 3 members of etcd would stay \(cp-1, cp-2 would leave\); would leave 1 < quorum 2: wait until/,
    ],
    [
      'the same where the declaration says that all may go, one by one',
      { accepted: of(3, ['cp-1']), wished: rolling(of(3, ['cp-1', 'cp-2'])), etcd: seen(three) },
      undefined,
    ],
    [
      '58: 3 → 1 while one that leaves is down',
      { accepted: of(3), wished: of(1), etcd: seen(three, ['cp-3']) },
      /2 of 3 members in sync.*cp-3 has to be back/,
    ],
    [
      'etcd can’t be observed: unknown is not fine',
      { accepted: of(5), wished: of(3), etcd: { state: 'unobservable', because: 'no member answers' } },
      /unknown is never fine/,
    ],
    [
      'a worker leaves while etcd can’t be observed',
      {
        accepted: of(3),
        wished: { ...of(3), nodes: of(3).nodes.filter(({ control_plane }) => control_plane) },
        etcd: { state: 'unobservable', because: 'no member answers' },
      },
      undefined,
    ],
    [
      '3 → 5 while one is down: judged when it comes to adding',
      { accepted: of(3), wished: of(5), etcd: seen(three, ['cp-1']) },
      undefined,
    ],
  ])('%s', (_question, change, says) => {
    const problems = judgeObservedChange(change).map(({ got, hint }) => `${got}; ${hint}`);
    if (says === undefined) expect(problems).toEqual([]);
    else expect(problems.join('\n')).toMatch(says);
  });
});
