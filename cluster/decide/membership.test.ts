import { describe, expect, test } from 'vitest';
import { memberOf } from '../etcd/test-members.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { learner, resized, settledContainer, switchedOff } from './testing/membership.ts';
import {
  all,
  aside,
  brief,
  dying,
  endpoints,
  etcdDirectory,
  members,
  unreachable,
  unsynced,
  type Change,
} from './testing/situations.ts';

const same: Change = (facts) => facts;
const changes = (facts: Facts) => brief(decide(facts), facts).filter((line) => /etcd-member/.test(line));
const sentences = (facts: Facts) => {
  const { blockers, waits } = decide(facts);
  return [...blockers.map(({ gate, because }) => `${gate}: ${because}`), ...waits.map(({ because }) => because)].join(
    '\n',
  );
};
const failed = (...names: string[]) =>
  members(names, { sync: 'unsynced', because: 'it does not answer', leader: 'unknown' });

const leads = (name: string) => members([name], { leader: 'leader' });

const unobservable: Change = (facts) => {
  facts.observation.etcd = { state: 'unobservable', because: 'no member answers' };
  return facts;
};
const settled = (change = {}) => all(learner('cp-4', change, { state: 'settled' }), settledContainer('cp-4'));

const removed =
  (node: string): Change =>
  (facts) => {
    const { etcd, records } = facts.observation;
    if (etcd.state !== 'observed' || records.etcd.state !== 'done') throw new Error('etcd is observed');
    etcd.members = etcd.members.filter((member) => member.node !== node);
    const membership = records.etcd.memberships[node];
    if (membership) records.etcd.memberships[node] = { ...membership, state: 'removed' };
    return facts;
  };

interface Case {
  from: number;
  to: number;
  leaves?: string[];
  but?: Change;
  steps: string[];
  says?: RegExp;
}

/** Table T2 of the reference, step by step. */
describe('which member comes or goes next', () => {
  test.each<[question: string, fleet: Case]>([
    ['3 → 5: the first new one is added', { from: 3, to: 5, steps: ['add-etcd-member cp-4'] }],
    [
      '3 → 5 and one is down: nothing is added to it (I-06)',
      { from: 3, to: 5, but: unsynced('cp-3'), steps: [], says: /I-06: .*2 of 3 voters.*3 are needed/ },
    ],
    [
      'a member was changed 4 s ago: the next one waits (I-04)',
      { from: 3, to: 5, but: members(['cp-2'], { sinceSeconds: 4 }), steps: [], says: /for 4 s; .*10 s have passed/ },
    ],
    [
      'a learner was added and never started: its addition goes on',
      {
        from: 3,
        to: 5,
        but: learner('cp-4', { name: '', sync: 'unsynced', sinceSeconds: 1 }),
        steps: ['add-etcd-member cp-4'],
      },
    ],
    [
      'a learner has caught up: it is settled before it votes',
      { from: 3, to: 5, but: learner('cp-4'), steps: ['settle-etcd-member cp-4'] },
    ],
    [
      'a learner has not caught up: nothing else is added',
      {
        from: 3,
        to: 5,
        but: all(learner('cp-4', { sync: 'unsynced', because: '900 behind' }), settledContainer('cp-4')),
        steps: [],
        says: /900 behind/,
      },
    ],
    [
      'the container of a learner was removed before it had caught up: it is taken out at once, and comes anew',
      { from: 3, to: 5, but: learner('cp-4', { sync: 'unsynced' }), steps: ['remove-etcd-member cp-4'] },
    ],
    [
      'the same on a node that can’t be observed: it may run still',
      {
        from: 3,
        to: 5,
        but: all(
          learner('cp-4', { sync: 'unknown' }),
          unreachable('cp-4'),
          aside('restart-etcd-member', 'cp-4', 'etcd'),
        ),
        steps: [],
      },
    ],
    [
      'a learner has not caught up in 11 minutes: it is taken out',
      {
        from: 3,
        to: 5,
        but: learner('cp-4', { sync: 'unsynced', sinceSeconds: 660 }),
        steps: ['remove-etcd-member cp-4'],
      },
    ],
    [
      'a learner is not declared any more: it is taken out',
      { from: 3, to: 3, but: learner('cp-9', { node: 'cp-9' }), steps: ['remove-etcd-member cp-9'] },
    ],
    [
      'the same when its addition was interrupted before its id was on record',
      {
        from: 3,
        to: 3,
        but: (facts) => {
          learner('cp-9', { node: 'cp-9', name: '', sync: 'unsynced' })(facts);
          const { etcd } = facts.observation.records;
          if (etcd.state === 'done') etcd.memberships['cp-9'] = { directory: 'm-9', state: 'first-start' };
          return facts;
        },
        steps: ['remove-etcd-member cp-9'],
      },
    ],
    [
      'swap of a healthy one: the new one comes first',
      { from: 3, to: 3, leaves: ['cp-2'], steps: ['add-etcd-member cp-4'] },
    ],
    [
      'replacement of a dead one: it goes first',
      { from: 3, to: 3, leaves: ['cp-2'], but: failed('cp-2'), steps: ['remove-etcd-member cp-2'] },
    ],
    [
      'replacement of one whose data are corrupt: its own alarm does not keep it',
      {
        from: 3,
        to: 3,
        leaves: ['cp-2'],
        but: all(failed('cp-2'), members(['cp-2'], { alarms: ['CORRUPT'] })),
        steps: ['remove-etcd-member cp-2'],
      },
    ],
    [
      'the alarm of another one does (I-15)',
      {
        from: 3,
        to: 3,
        leaves: ['cp-2'],
        but: all(failed('cp-2'), members(['cp-1'], { alarms: ['CORRUPT'] })),
        steps: [],
      },
    ],
    [
      'a dead one is given 10 s: slow is not dead (I-09)',
      {
        from: 3,
        to: 3,
        leaves: ['cp-2'],
        but: all(failed('cp-2'), members(['cp-2'], { sinceSeconds: 3 })),
        steps: [],
        says: /3 s of the 10 s/,
      },
    ],
    [
      'the one that leaves dies while the new one is a learner: it goes first, or the learner could never be promoted',
      {
        from: 3,
        to: 3,
        leaves: ['cp-1'],
        but: all(learner('cp-4', {}, { state: 'settled' }), settledContainer('cp-4'), failed('cp-1'), leads('cp-2')),
        steps: ['remove-etcd-member cp-1'],
      },
    ],
    [
      'the one that leaves is down for 3 s: meanwhile the learner goes on',
      {
        from: 3,
        to: 3,
        leaves: ['cp-2'],
        but: all(learner('cp-4'), failed('cp-2'), members(['cp-2'], { sinceSeconds: 3 })),
        steps: ['settle-etcd-member cp-4'],
      },
    ],
    [
      'a dead one can’t be removed without a quorum (I-01)',
      { from: 3, to: 3, leaves: ['cp-2'], but: failed('cp-2', 'cp-3'), steps: [] },
    ],
    ['5 → 3: one goes', { from: 5, to: 3, steps: ['remove-etcd-member cp-4'] }],
    [
      '5 → 3: the leader goes last',
      {
        from: 5,
        to: 3,
        leaves: ['cp-1', 'cp-2'],
        steps: ['remove-etcd-member cp-2'],
      },
    ],
    [
      '5 → 3 while a declared one is down: refused with the numbers (I-03 leaves one failure’s margin)',
      { from: 5, to: 3, but: all(unsynced('cp-1')), steps: [], says: /3 of 4|all voters have been in sync for 0 s/ },
    ],
    [
      '4 → 3 while a declared one is down (margin rule of T1)',
      { from: 4, to: 3, but: unsynced('cp-1'), steps: [], says: /for 0 s|2 of 3/ },
    ],
    [
      '5 → 3 and one that leaves is down: that one goes first',
      { from: 5, to: 3, but: failed('cp-5'), steps: ['remove-etcd-member cp-5'] },
    ],
    [
      'the leaving one is still among the endpoints (A-01)',
      { from: 5, to: 3, but: endpoints(['cp-1', 'cp-2', 'cp-3', '10.0.0.14', '10.0.0.15'], []), steps: [] },
    ],
    [
      'more are there than are wanted, and the one that is to come is off: one that is to go goes',
      { from: 4, to: 3, leaves: ['cp-1', 'cp-2'], but: unreachable('cp-5'), steps: ['remove-etcd-member cp-2'] },
    ],
    [
      'as many are there as are wanted, and the one that is to come is off: it is waited for',
      { from: 3, to: 3, leaves: ['cp-1'], but: unreachable('cp-4'), steps: [] },
    ],
    ['nothing is to change', { from: 3, to: 3, steps: [] }],
    [
      'a learner that nobody of us added blocks every change (I-13)',
      {
        from: 3,
        to: 5,
        but: (facts) => {
          learner('cp-4')(facts);
          const { etcd } = facts.observation.records;
          if (etcd.state === 'done') delete etcd.memberships['cp-4'];
          return facts;
        },
        steps: [],
        says: /I-13: .*not added by us/,
      },
    ],
    [
      'a voter on no node of ours is left to a person (I-13)',
      {
        from: 3,
        to: 3,
        but: (facts) => {
          const { etcd } = facts.observation;
          const { node: _none, ...stray } = memberOf(99, { sinceSeconds: 3600 });
          if (etcd.state === 'observed') etcd.members.push(stray);
          return facts;
        },
        steps: [],
        says: /I-13: .*on no node of ours/,
      },
    ],
    [
      'etcd has raised an alarm (I-15)',
      { from: 3, to: 5, but: members(['cp-2'], { alarms: ['NOSPACE'] }), steps: [], says: /NOSPACE/ },
    ],
    ['etcd can’t be observed: unknown blocks', { from: 3, to: 5, but: unobservable, steps: [] }],
  ])('%s', (_question, { steps, says, but = same, ...fleet }) => {
    const facts = but(resized(fleet));
    expect(changes(facts)).toEqual(steps);
    if (says) expect(sentences(facts)).toMatch(says);
  });
});

test('the spec of etcd crashes on a voter: a learner that has caught up is not settled with it', () => {
  const facts = all(
    learner('cp-4'),
    settledContainer('cp-4'),
    dying('etcd', 'cp-2'),
    unsynced('cp-2'),
    etcdDirectory('intact', 'cp-2'),
  )(resized({ from: 3, to: 5 }));
  const outdatedElsewhere: Facts = {
    ...facts,
    compare: ({ node, component }) => (component === 'etcd' && node.name !== 'cp-2' ? 'args: --bad added' : undefined),
  };
  expect(changes(outdatedElsewhere)).toEqual([]);
  expect(changes({ ...facts, compare: () => undefined })).toEqual(['settle-etcd-member cp-4']);
});

describe('a settled learner', () => {
  test('is promoted when it has been caught up for 2 s (I-07)', () => {
    expect(changes(settled({ sinceSeconds: 2 })(resized({ from: 3, to: 5 })))).toEqual(['promote-etcd-member cp-4']);
  });

  test('is not promoted on one look alone', () => {
    expect(changes(settled({ sinceSeconds: 1 })(resized({ from: 3, to: 5 })))).toEqual([]);
  });

  test('is not promoted while a voter is down: 2 of 4 would be no quorum', () => {
    expect(changes(all(settled(), unsynced('cp-2'))(resized({ from: 3, to: 5 })))).toEqual([]);
  });

  test('has no API server before it votes', () => {
    const facts = settled()(resized({ from: 3, to: 5 }));
    expect(brief(decide(facts), facts).filter((line) => line.includes('kube-apiserver'))).toEqual([]);
  });
});

describe('what is left of a removed member', () => {
  test('is put away', () => {
    const facts = removed('cp-4')(resized({ from: 4, to: 3 }));
    expect(changes(facts)).toEqual(['retire-etcd-member cp-4']);
  });

  test('stays on record while its machine is off, and holds up nothing (R6)', () => {
    const facts = all(removed('cp-4'), switchedOff('cp-4'))(resized({ from: 4, to: 3 }));
    expect(changes(facts)).toEqual([]);
    expect(decide(facts).blockers).toEqual([]);
  });

  test('its host is not cleaned before (W-08)', () => {
    const facts = removed('cp-4')(resized({ from: 4, to: 3 }));
    expect(brief(decide(facts), facts).filter((line) => line.includes('remove-node'))).toEqual([]);
  });
});
