import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { converged, declare } from './testing/fleet.ts';
import {
  all,
  aside,
  brief,
  dying,
  etcdDirectory,
  gone,
  members,
  outdated,
  starting,
  stopped,
  unhealthy,
  unreachable,
  unsynced,
  type Change,
} from './testing/situations.ts';

const etcdSteps = (facts: Facts) => brief(decide(facts), facts).filter((line) => line.includes('etcd'));
const gates = (facts: Facts) =>
  decide(facts).blockers.map(({ gate, node }) => (node === undefined ? gate : `${gate} ${node}`));
const lost: Change = (facts) => {
  facts.observation.etcd = { state: 'unobservable', because: 'no member answers' };
  facts.observation.kubernetes = { state: 'unobservable', because: 'no API server answers' };
  return all(unhealthy('etcd', 'cp-1', 'cp-2', 'cp-3'), unhealthy('kube-apiserver', 'cp-1', 'cp-2', 'cp-3'))(facts);
};

describe('members that have stopped', () => {
  test.each<[question: string, change: Change, steps: string[]]>([
    [
      'one was killed',
      all(stopped('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('intact', 'cp-2')),
      ['restart-etcd-member cp-2'],
    ],
    [
      'one was removed',
      all(gone('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('intact', 'cp-2')),
      ['restart-etcd-member cp-2'],
    ],
    [
      'all were killed: the lost quorum comes back by starting them',
      all(lost, stopped('etcd', 'cp-1', 'cp-2', 'cp-3'), etcdDirectory('intact', 'cp-1', 'cp-2', 'cp-3')),
      ['restart-etcd-member cp-1', 'restart-etcd-member cp-2', 'restart-etcd-member cp-3'],
    ],
    [
      'two were killed, one of them out of reach',
      all(lost, stopped('etcd', 'cp-1', 'cp-2'), etcdDirectory('intact', 'cp-1'), unreachable('cp-2')),
      ['restart-etcd-member cp-1'],
    ],
    [
      'one keeps dying with the spec that is wanted: it would again',
      all(dying('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('intact', 'cp-2')),
      [],
    ],
    [
      'one keeps dying with another spec than is wanted now',
      all(dying('etcd', 'cp-2'), outdated('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('intact', 'cp-2')),
      ['restart-etcd-member cp-2'],
    ],
    [
      'it was tried in vain',
      all(
        stopped('etcd', 'cp-2'),
        unsynced('cp-2'),
        etcdDirectory('intact', 'cp-2'),
        aside('restart-etcd-member', 'cp-2', 'etcd'),
      ),
      [],
    ],
  ])('%s', (_question, change, steps) => {
    expect(etcdSteps(change(converged()))).toEqual(steps);
  });

  test.each(['empty', 'absent', 'unknown'] as const)(
    'the directory of one is %s: it is not started, and said to be a failed member (W-05)',
    (state) => {
      const facts = all(stopped('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory(state, 'cp-2'))(converged());
      expect(etcdSteps(facts)).toEqual([]);
      expect(gates(facts)).toEqual(['W-05 cp-2']);
    },
  );

  test('an emptied member keeps dying and has another spec than is wanted: no start, no restart', () => {
    const facts = all(
      dying('etcd', 'cp-2'),
      outdated('etcd', 'cp-2'),
      unsynced('cp-2'),
      etcdDirectory('empty', 'cp-2'),
    )(converged());
    expect(etcdSteps(facts)).toEqual([]);
    expect(gates(facts)).toEqual(['W-05 cp-2']);
  });

  test('a stopped member with the wanted spec is started as it is: its container is not replaced', () => {
    const facts = all(stopped('etcd', 'cp-2'), unsynced('cp-2'), etcdDirectory('intact', 'cp-2'))(converged());
    const [step] = decide(facts).steps.filter(({ kind }) => kind === 'restart-etcd-member');
    expect(step).toMatchObject({
      target: { node: 'cp-2', because: 'it has stopped with exit code 137' },
      disruption: 'none',
    });
    expect(step).not.toHaveProperty('target.containerId');
  });
});

describe('a quorum that is lost', () => {
  test('nothing else is touched, and it says what would help', () => {
    const facts = lost(converged());
    expect(decide(facts).steps).toEqual([]);
    expect(gates(facts)).toContain('I-01');
  });

  test('its members have just started: that is waited for', () => {
    const facts = all(lost, starting('etcd', 'cp-1', 'cp-2', 'cp-3'))(converged());
    expect(decide(facts).blockers.map(({ gate }) => gate)).not.toContain('I-01');
    expect(decide(facts).waits.map(({ on }) => on)).toContain('etcd');
  });
});

describe('members with another spec than is wanted', () => {
  const everywhere = outdated('etcd', 'cp-1', 'cp-2', 'cp-3');

  test.each<[question: string, change: Change, steps: string[]]>([
    ['all three: one follower first', everywhere, ['restart-etcd-member cp-2 (restart)']],
    ['only the leader is left', outdated('etcd', 'cp-1'), ['restart-etcd-member cp-1 (restart)']],
    [
      'one is out of sync: it comes first',
      all(everywhere, unhealthy('etcd', 'cp-3'), unsynced('cp-3')),
      ['restart-etcd-member cp-3 (restart)'],
    ],
    [
      'one that is up to date is out of sync: nobody is stopped',
      all(outdated('etcd', 'cp-1', 'cp-2'), unhealthy('etcd', 'cp-3'), unsynced('cp-3')),
      [],
    ],
    [
      'one can’t be observed: nobody is stopped',
      all(outdated('etcd', 'cp-1', 'cp-2'), members(['cp-3'], { sync: 'unknown' })),
      [],
    ],
    [
      'one that can’t be observed is to be restarted itself: it may be in sync, and does not come first',
      all(everywhere, members(['cp-3'], { sync: 'unknown' })),
      [],
    ],
    [
      'only one that can’t be observed is outdated, and all others are in sync: it may be restarted',
      all(outdated('etcd', 'cp-3'), members(['cp-3'], { sync: 'unknown' })),
      ['restart-etcd-member cp-3 (restart)'],
    ],
    [
      'the new spec was tried in vain on one: the others keep theirs',
      all(everywhere, aside('restart-etcd-member', 'cp-2', 'etcd')),
      [],
    ],
    ['a corrupt member: nobody is stopped (I-15)', all(everywhere, members(['cp-3'], { alarms: ['CORRUPT'] })), []],
  ])('%s', (_question, change, steps) => {
    expect(etcdSteps(change(converged()))).toEqual(steps);
  });

  test('five members, one crashes with a bad flag: it does not go to a second one', () => {
    const facts = converged(declare({ controlPlanes: 5 }));
    all(
      outdated('etcd', 'cp-1', 'cp-3', 'cp-4', 'cp-5'),
      dying('etcd', 'cp-2'),
      unsynced('cp-2'),
      etcdDirectory('intact', 'cp-2'),
    )(facts);
    expect(etcdSteps(facts)).toEqual([]);
    expect(gates(facts)).toContain('crash-loop cp-2');
    expect(decide(facts).blockers.find(({ gate }) => gate === 'crash-loop')?.because).toContain(
      'unknown flag: --no-such-flag',
    );
  });

  test('five members, one is out of sync and one can’t be observed: by its quorum it might go, and it stays (table T1, I-03)', () => {
    const facts = converged(declare({ controlPlanes: 5 }));
    all(
      outdated('etcd', 'cp-3'),
      unhealthy('etcd', 'cp-2'),
      unsynced('cp-2'),
      members(['cp-3'], { sync: 'unknown', leader: 'unknown' }),
    )(facts);
    expect(etcdSteps(facts)).toEqual([]);
  });

  test('the only member: a restart is an outage, which a declaration of one control plane accepts (A-06)', () => {
    const facts = outdated('etcd', 'cp-1')(converged(declare({ controlPlanes: 1 })));
    expect(etcdSteps(facts)).toEqual(['restart-etcd-member cp-1 (outage)']);
  });

  test('API servers have another spec, too: etcd goes first, and no API server stops meanwhile (A-03)', () => {
    const facts = all(everywhere, outdated('kube-apiserver', 'cp-1', 'cp-2', 'cp-3'))(converged());
    expect(brief(decide(facts), facts).filter((line) => line.includes('('))).toEqual([
      'restart-etcd-member cp-2 (restart)',
    ]);
  });

  test('authentication is off: it is switched on before anything is restarted', () => {
    const facts = everywhere(converged());
    if (facts.observation.etcd.state === 'observed') facts.observation.etcd.authentication = 'disabled';
    expect(etcdSteps(facts)).toEqual(['enable-etcd-authentication']);
  });
});

test('the only voter leaves and can’t be seen: that is said, and the cluster is not called as declared', () => {
  const facts = converged(declare({ controlPlanes: 1 }));
  const { etcd, records } = facts.observation;
  if (etcd.state !== 'observed' || records.etcd.state === 'never') throw new Error('etcd is there');
  const [voter] = etcd.members;
  if (voter === undefined) throw new Error('a voter is there');
  records.etcd.memberships['cp-9'] = { directory: 'm-9', state: 'settled' };
  etcd.members = [{ ...voter, node: 'cp-9', sync: 'unknown', because: 'it does not answer' }];
  const plan = decide(facts);
  expect(plan.phase).not.toBe('converged');
  expect(plan.blockers.map(({ because }) => because).join()).toContain('the etcd member on cp-9 is not observable');
});
