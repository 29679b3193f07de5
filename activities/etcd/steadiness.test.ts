import { describe, expect, test } from 'vitest';
import type { EtcdMember, EtcdObservation } from '../../cluster/observation.ts';
import { createSteadiness } from './steadiness.ts';

const member = (id: string, sync: EtcdMember['sync'] = 'synced', role: EtcdMember['role'] = 'voter'): EtcdMember => ({
  id,
  name: id,
  peerUrls: [],
  role,
  sync,
  leader: 'follower',
  alarms: [],
});
const etcd = (...members: EtcdMember[]): EtcdObservation => ({
  state: 'observed',
  clusterId: '1',
  members,
  authentication: 'enabled',
});

/** Looks at the given seconds; returns what the last one says of each member. */
function look(...looks: [second: number, seen: EtcdObservation][]) {
  let now = 0;
  const steadiness = createSteadiness(() => now * 1000);
  const noted = looks.map(([second, seen]) => {
    now = second;
    return steadiness.note('demo', seen);
  });
  const last = noted.at(-1);
  return last?.state === 'observed' ? last.members.map(({ sinceSeconds }) => sinceSeconds) : last?.because;
}

const three = etcd(member('a'), member('b'), member('c'));

describe('for how long has each member been as it is?', () => {
  test('a first look says 0 s: nothing is known of the time before', () => expect(look([5, three])).toEqual([0, 0, 0]));

  test('looks in a row add up', () => expect(look([0, three], [7, three], [12, three])).toEqual([12, 12, 12]));

  test('a member that was out of sync begins anew', () =>
    expect(look([0, three], [5, etcd(member('a'), member('b', 'unknown'), member('c'))], [9, three])).toEqual([
      9, 0, 9,
    ]));

  test('another voter begins the time anew for all (I-04)', () =>
    expect(look([0, three], [20, etcd(member('a'), member('b'))])).toEqual([0, 0]));

  test('so does a learner that comes, or goes: its peer URL is not taken up again at once (I-12)', () => {
    const withLearner = etcd(member('a'), member('b'), member('c'), member('d', 'synced', 'learner'));
    expect(look([0, three], [20, withLearner])).toEqual([0, 0, 0, 0]);
    expect(look([0, withLearner], [20, withLearner], [21, three])).toEqual([0, 0, 0]);
  });

  test('a promotion does, for all', () => {
    const learner = etcd(member('a'), member('b', 'synced', 'learner'));
    expect(look([0, learner], [20, learner], [21, etcd(member('a'), member('b'))])).toEqual([0, 0]);
  });

  test('what is down stays down while others come and go', () => {
    const down = etcd(member('a'), member('b'), member('c', 'unsynced'));
    expect(look([0, down], [30, etcd(member('a'), member('c', 'unsynced'))])).toEqual([0, 30]);
  });

  test('two looks further apart than 90 s prove nothing', () =>
    expect(look([0, three], [100, three])).toEqual([0, 0, 0]));

  test('etcd that could not be observed in between begins anew for those in sync; what is down stays down', () => {
    const silence: EtcdObservation = { state: 'unobservable', because: 'silence' };
    const down = etcd(member('a'), member('b'), member('c', 'unknown'));
    expect(look([0, three], [5, silence], [10, three])).toEqual([0, 0, 0]);
    expect(look([0, down], [5, silence], [6, silence], [10, down], [12, down])).toEqual([2, 2, 12]);
  });
});
