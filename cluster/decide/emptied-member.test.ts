import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { learner, resized, settledContainer } from './testing/membership.ts';
import { all, brief, etcdDirectory, stopped, unsynced, type Change } from './testing/situations.ts';

const same: Change = (facts) => facts;
const withPolicy =
  (required_for: Facts['declaration']['approvals']['required_for']): Change =>
  (facts) => ({
    ...facts,
    declaration: { ...facts.declaration, approvals: { ...facts.declaration.approvals, required_for } },
  });
const emptied = (change: Change = same) =>
  all(stopped('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('empty', 'cp-2'), change)(resized({ from: 3, to: 3 }));
const changes = (facts: Facts) => brief(decide(facts), facts).filter((line) => /etcd-member/.test(line));

describe('a voter whose data directory was emptied (W-05)', () => {
  test('is not started; a person is asked whether it may be made anew, and status says both', () => {
    const { steps, blockers, pending = [] } = decide(emptied());
    expect(steps.filter(({ kind }) => kind.includes('etcd'))).toEqual([]);
    expect(blockers.map(({ gate }) => gate)).toEqual(['W-05']);
    expect(pending).toMatchObject([
      { risk: 'data-loss', kind: 'make-member-anew', target: 'cp-2', to: 'a new member' },
    ]);
  });

  test('is taken out where the policy asks for nothing', () => {
    expect(changes(emptied(withPolicy([])))).toEqual(['remove-etcd-member cp-2']);
  });

  test.each([{ leaves: ['cp-1'], to: 3 }, { to: 5 }])('does not hold up a learner for ever: %o', (wished) => {
    const facts = all(
      learner('cp-4', {}, { state: 'settled' }),
      settledContainer('cp-4'),
      stopped('etcd', 'cp-2'),
      unsynced('cp-2'),
      etcdDirectory('empty', 'cp-2'),
    )(resized({ from: 3, ...wished }));
    expect(changes(withPolicy([])(facts))).toEqual(['remove-etcd-member cp-2']);
    expect(decide(facts).pending).toMatchObject([{ risk: 'data-loss', target: 'cp-2' }]);
  });

  test.each<[string, Change]>([
    ['another is down, too: its removal could not be committed', unsynced('cp-1')],
    ['its data are back', etcdDirectory('intact', 'cp-2')],
    ['nobody could look at the directory', etcdDirectory('unknown', 'cp-2')],
  ])('stays when %s', (_, change) => {
    const { pending = [], steps } = decide(emptied(all(withPolicy([]), change)));
    expect(steps.filter(({ kind }) => kind === 'remove-etcd-member')).toEqual([]);
    expect(pending).toEqual([]);
  });
});
