import { describe, expect, test } from 'vitest';
import { mayRemoveFailedVoter, mayRemoveHealthyVoter, mayRemoveLearner } from './removal.ts';
import type { RemoveFailedVoter, RemoveHealthyVoter, RemoveLearner } from './removal.ts';
import { changed, etcdWith } from './test-members.ts';

const say = (verdict: ReturnType<typeof mayRemoveLearner>) =>
  verdict.kind === 'allowed' ? 'allowed' : `${verdict.kind} ${verdict.rule}`;

const unstarted = etcdWith({ synced: 3, learner: { name: '' } });
const stuck = etcdWith({ synced: 1, down: 2, learner: {} });

const removeHealthy = (change: Partial<RemoveHealthyVoter>) =>
  mayRemoveHealthyVoter({
    etcd: etcdWith({ synced: 5 }),
    memberId: '2',
    wantedSize: 3,
    stableSeconds: 10,
    ...change,
  });

describe('may a healthy voter be removed', () => {
  const leaderUnknown = {
    ...etcdWith({ synced: 5 }),
    members: etcdWith({ synced: 5 }).members.map((one) => ({ ...one, leader: 'unknown' as const })),
  };
  test.each<[string, Partial<RemoveHealthyVoter>, string]>([
    ['of five that are to be three?', {}, 'allowed'],
    ['5 → 4 while another is down (finding 4)?', { etcd: etcdWith({ synced: 4, down: 1 }) }, 'refused I-03'],
    ['5 → 4 while another cannot be observed?', { etcd: etcdWith({ synced: 4, unobserved: 1 }) }, 'unknown I-03'],
    ['5 → 4 while two others are down?', { etcd: etcdWith({ synced: 3, down: 2 }) }, 'refused I-02'],
    ['4 → 3 while another is down?', { etcd: etcdWith({ synced: 3, down: 1 }) }, 'refused I-03'],
    ['of three that are to stay three?', { etcd: etcdWith({ synced: 3 }) }, 'refused I-18'],
    ['3 → 2 on the way to one?', { etcd: etcdWith({ synced: 3 }), wantedSize: 1 }, 'allowed'],
    [
      '3 → 2 on the way to one, while another is down?',
      { etcd: etcdWith({ synced: 2, down: 1 }), wantedSize: 1 },
      'refused I-02',
    ],
    ['2 → 1?', { etcd: etcdWith({ synced: 2 }), wantedSize: 1 }, 'allowed'],
    ['the last one?', { etcd: etcdWith({ synced: 1 }), memberId: '1', wantedSize: 1 }, 'refused I-10'],
    ['while it leads?', { memberId: '1' }, 'refused I-08'],
    ['when nobody knows who leads?', { etcd: leaderUnknown }, 'unknown I-08'],
    ['when it is down?', { etcd: etcdWith({ synced: 4, down: 1 }), memberId: '5' }, 'refused I-08'],
    ['when it cannot be observed?', { etcd: etcdWith({ synced: 4, unobserved: 1 }), memberId: '5' }, 'unknown I-08'],
    ['that is not there?', { memberId: '9' }, 'refused I-11'],
    [
      'when it is a learner?',
      { etcd: etcdWith({ synced: 5, learner: {} }), memberId: '6', wantedSize: 1 },
      'refused I-08',
    ],
    [
      'while a store is full?',
      { etcd: changed(etcdWith({ synced: 5 }), '3', { alarms: ['NOSPACE'] }) },
      'refused I-15',
    ],
    ['while a learner is there?', { etcd: etcdWith({ synced: 5, learner: {} }) }, 'refused I-04'],
    ['9 s after the last change?', { stableSeconds: 9 }, 'refused I-04'],
  ])('%s', (_, change, expected) => expect(say(removeHealthy(change))).toBe(expected));

  test('what would be the numbers?', () => {
    const verdict = removeHealthy({ etcd: etcdWith({ synced: 4, down: 1 }) });
    expect(verdict).toMatchObject({
      because:
        'after removing cp-2 3 of 4 voters are known to be in sync and 4 are needed, else one more failure would stop writes',
    });
  });
});

const removeFailed = (change: Partial<RemoveFailedVoter>) =>
  mayRemoveFailedVoter({
    etcd: etcdWith({ synced: 2, down: 1 }),
    memberId: '3',
    cause: 'directory-lost',
    failedSeconds: 600,
    graceSeconds: 600,
    ...change,
  });

describe('may a failed voter be removed', () => {
  test.each<[string, Partial<RemoveFailedVoter>, string]>([
    ['1 of 3, its disk lost?', {}, 'allowed'],
    [
      '1 of 3, unreachable and approved?',
      { etcd: etcdWith({ synced: 2, unobserved: 1 }), cause: 'approved' },
      'allowed',
    ],
    ['because it is down and nothing else?', { cause: 'none' }, 'refused I-09'],
    ['within the grace time?', { failedSeconds: 599 }, 'refused I-09'],
    ['when it is back in sync?', { memberId: '2' }, 'refused I-09'],
    ['2 of 3 down?', { etcd: etcdWith({ synced: 1, down: 2 }) }, 'refused I-01'],
    ['2 of 5 down, one of them first?', { etcd: etcdWith({ synced: 3, down: 2 }), memberId: '4' }, 'allowed'],
    ['1 of 2 down?', { etcd: etcdWith({ synced: 1, down: 1 }), memberId: '2' }, 'refused I-01'],
    ['when it is a learner?', { etcd: etcdWith({ synced: 2, learner: { sync: 'unsynced' } }) }, 'refused I-09'],
    [
      'beside corrupt data?',
      { etcd: changed(etcdWith({ synced: 2, down: 1 }), '1', { alarms: ['CORRUPT'] }) },
      'refused I-15',
    ],
    [
      'when its own data are corrupt?',
      { etcd: changed(etcdWith({ synced: 2, down: 1 }), '3', { alarms: ['CORRUPT'] }), cause: 'corrupt' },
      'allowed',
    ],
    ['the last one?', { etcd: etcdWith({ synced: 0, down: 1 }), memberId: '1' }, 'refused I-10'],
  ])('%s', (_, change, expected) => expect(say(removeFailed(change))).toBe(expected));
});

describe('may a member be removed as a learner', () => {
  const ours = { directory: 'm-4', state: 'first-start' } as const;
  const settled = { directory: 'm-4', state: 'settled' } as const;
  test.each<[string, Partial<RemoveLearner>, string]>([
    ['one of ours?', { recorded: { ...ours, memberId: '4' } }, 'allowed'],
    ['a voter, as if it were one?', { memberId: '2', recorded: { ...settled, memberId: '2' } }, 'refused I-13'],
    ['nobody?', { memberId: '9' }, 'refused I-11'],
    ['one that nobody knows?', { recorded: undefined }, 'refused I-13'],
    ['one on a node whose own member is another?', { recorded: { ...settled, memberId: '3' } }, 'refused I-13'],
    ['one that was never started, our addition being interrupted?', { etcd: unstarted, recorded: ours }, 'allowed'],
    ['one that somebody has started, where we were about to add ours?', { recorded: ours }, 'refused I-13'],
    ['one of ours without a quorum?', { etcd: stuck, recorded: { ...ours, memberId: '4' } }, 'refused I-01'],
  ])('%s', (_, change, expected) => {
    const etcd = etcdWith({ synced: 3, learner: {} });
    expect(say(mayRemoveLearner({ etcd, memberId: '4', recorded: undefined, ...change }))).toBe(expected);
  });
});
