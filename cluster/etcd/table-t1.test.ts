import { describe, expect, test } from 'vitest';
import { mayAddLearner, mayPromote } from './addition.ts';
import { hasQuorum, quorum } from './quorum.ts';
import { mayRemoveFailedVoter, mayRemoveHealthyVoter } from './removal.ts';
import { mayRestartVoter } from './restart.ts';
import { etcdWith } from './test-members.ts';
import type { Verdict } from './verdict.ts';

/** How many of n voters may be down for each action, and still it is allowed; `never` is a dash in table T1. */
type Down = number | 'never';
interface Row {
  n: number;
  q: number;
  commit: Down;
  restart: Down;
  /** Declared three or more; then declared fewer than three. */
  removeHealthy: [Down, Down];
  removeDead: Down;
  add: Down;
  promote: Down;
  /** What etcd itself would still accept: the newer strict rule for adding, 90 % of the index and a quorum for promoting. */
  etcdAdd: Down;
  etcdPromote: Down;
}

const table: Row[] = [
  {
    n: 1,
    q: 1,
    commit: 0,
    restart: 'never',
    removeHealthy: ['never', 'never'],
    removeDead: 'never',
    add: 0,
    promote: 0,
    etcdAdd: 0,
    etcdPromote: 0,
  },
  {
    n: 2,
    q: 2,
    commit: 0,
    restart: 'never',
    removeHealthy: ['never', 0],
    removeDead: 'never',
    add: 0,
    promote: 0,
    etcdAdd: 0,
    etcdPromote: 0,
  },
  {
    n: 3,
    q: 2,
    commit: 1,
    restart: 0,
    removeHealthy: ['never', 0],
    removeDead: 1,
    add: 0,
    promote: 0,
    etcdAdd: 0,
    etcdPromote: 1,
  },
  {
    n: 4,
    q: 3,
    commit: 1,
    restart: 0,
    removeHealthy: [0, 0],
    removeDead: 1,
    add: 0,
    promote: 1,
    etcdAdd: 1,
    etcdPromote: 1,
  },
  {
    n: 5,
    q: 3,
    commit: 2,
    restart: 1,
    removeHealthy: [0, 0],
    removeDead: 2,
    add: 0,
    promote: 1,
    etcdAdd: 1,
    etcdPromote: 2,
  },
  {
    n: 6,
    q: 4,
    commit: 2,
    restart: 1,
    removeHealthy: [1, 1],
    removeDead: 2,
    add: 0,
    promote: 2,
    etcdAdd: 2,
    etcdPromote: 2,
  },
  {
    n: 7,
    q: 4,
    commit: 3,
    restart: 2,
    removeHealthy: [1, 1],
    removeDead: 3,
    add: 0,
    promote: 2,
    etcdAdd: 2,
    etcdPromote: 3,
  },
];

const within = (down: number, most: Down) => most !== 'never' && down <= most;
const newcomer = { sync: 'synced' as const };

/** Each action with `down` of `n` voters down, as a verdict. Healthy targets are followers. */
function actions(
  n: number,
  down: number,
): Record<keyof Omit<Row, 'n' | 'q' | 'removeHealthy' | 'etcdAdd' | 'etcdPromote'>, Verdict> {
  const etcd = etcdWith({ synced: n - down, down });
  const grown = etcdWith({ synced: n - down, down, learner: newcomer });
  const failed = etcd.members.find(({ sync }) => sync === 'unsynced')?.id ?? 'none';
  return {
    commit: hasQuorum(etcd),
    restart: mayRestartVoter({ etcd, memberId: '1' }),
    removeDead: mayRemoveFailedVoter({
      etcd,
      memberId: failed,
      cause: 'approved',
      failedSeconds: 600,
      graceSeconds: 600,
    }),
    add: mayAddLearner({ etcd, peerUrl: 'https://10.0.0.99:2380', wantedSize: 7, stableSeconds: 10 }),
    promote: mayPromote({ etcd: grown, memberId: String(n + 1), directory: 'matches', caughtUpSeconds: 2 }),
  };
}

function removeHealthy(n: number, down: number, wantedSize: number): Verdict {
  const etcd = etcdWith({ synced: n - down, down });
  const follower = etcd.members.find(({ sync, leader }) => sync === 'synced' && leader === 'follower')?.id ?? '1';
  return mayRemoveHealthyVoter({ etcd, memberId: follower, wantedSize, stableSeconds: 10 });
}

describe.each(table)('$n voters', (row) => {
  const { n, q } = row;
  test(`how many votes are a quorum? ${q}`, () => expect(quorum(n)).toBe(q));

  for (let down = 0; down <= n; down++) {
    const now = actions(n, down);
    for (const action of ['commit', 'restart', 'add', 'promote'] as const)
      test(`${down} down: may I ${action}?`, () =>
        expect(now[action].kind === 'allowed').toBe(within(down, row[action])));
    if (down > 0)
      test(`${down} down: may I remove a dead one?`, () =>
        expect(now.removeDead.kind === 'allowed').toBe(within(down, row.removeDead)));
    if (down < n) {
      // The declared size is below the number of voters in both: otherwise nothing is removed at all (I-18).
      const [three, fewer] = row.removeHealthy;
      if (n > 3)
        test(`${down} down: may I remove a healthy one?`, () =>
          expect(removeHealthy(n, down, 3).kind === 'allowed').toBe(within(down, three)));
      if (n <= 3)
        test(`${down} down, 3 declared: may I remove a healthy one?`, () =>
          expect(removeHealthy(n, down, 3).kind).not.toBe('allowed'));
      test(`${down} down, 1 declared: may I remove a healthy one?`, () =>
        expect(removeHealthy(n, down, 1).kind === 'allowed').toBe(within(down, n > 3 ? three : fewer)));
    }
  }

  test('is no rule of ours laxer than that of etcd?', () => {
    for (let down = 0; down <= n; down++) {
      const { add, promote } = actions(n, down);
      if (add.kind === 'allowed') expect(within(down, row.etcdAdd)).toBe(true);
      if (promote.kind === 'allowed') expect(within(down, row.etcdPromote)).toBe(true);
    }
  });
});

const restart = (synced: number, down: number, unobserved: number) =>
  mayRestartVoter({ etcd: etcdWith({ synced, down, unobserved }), memberId: '1' });

describe('a voter that cannot be observed counts as down, and is named', () => {
  test.each([
    ['5 voters, 1 unobserved: may I restart a healthy one?', restart(4, 0, 1), 'allowed'],
    ['5 voters, 2 unobserved: may I restart a healthy one?', restart(3, 0, 2), 'unknown'],
    ['3 voters, 1 unobserved: may I restart a healthy one?', restart(2, 0, 1), 'unknown'],
    ['3 voters, 1 down, 1 unobserved: may I restart a healthy one?', restart(1, 1, 1), 'refused'],
    ['3 voters, 2 unobserved: is there a quorum?', hasQuorum(etcdWith({ synced: 1, unobserved: 2 })), 'unknown'],
    ['3 voters, 2 down: is there a quorum?', hasQuorum(etcdWith({ synced: 1, down: 2 })), 'refused'],
  ])('%s', (_, verdict, kind) => expect(verdict.kind).toBe(kind));

  test('which one can it not observe, and what are the numbers?', () => {
    const verdict = restart(3, 0, 2);
    expect(verdict).toMatchObject({
      rule: 'I-03',
      because:
        'cannot observe cp-4, cp-5: while cp-1 restarts 2 of 5 voters are known to be in sync and 3 are needed, else writes would stop',
    });
  });
});
