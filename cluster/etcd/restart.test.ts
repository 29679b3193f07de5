import { describe, expect, test } from 'vitest';
import { mayMoveLeader, mayRestartVoter, nextLeader } from './restart.ts';
import { changed, etcdWith } from './test-members.ts';

describe('may I restart', () => {
  const three = etcdWith({ synced: 3 });
  const oneDown = etcdWith({ synced: 2, down: 1 });
  const two = changed(etcdWith({ synced: 2 }), '2', { alarms: ['CORRUPT'] });
  const alarmed = {
    ...three,
    members: three.members.map((one) => (one.id === '2' ? { ...one, alarms: ['CORRUPT'] } : one)),
  };
  test.each([
    ['a voter of three in sync?', mayRestartVoter({ etcd: three, memberId: '2' }), 'allowed', ''],
    ['the one of three that is down?', mayRestartVoter({ etcd: oneDown, memberId: '3' }), 'allowed', ''],
    ['another while one is down?', mayRestartVoter({ etcd: oneDown, memberId: '1' }), 'refused', '1 of 3 voters'],
    [
      'the only voter, unasked?',
      mayRestartVoter({ etcd: etcdWith({ synced: 1 }), memberId: '1' }),
      'refused',
      'is an outage',
    ],
    [
      'the only voter, the outage accepted?',
      mayRestartVoter({ etcd: etcdWith({ synced: 1 }), memberId: '1', outage: 'accepted' }),
      'allowed',
      '',
    ],
    [
      'one of two, the outage accepted?',
      mayRestartVoter({ etcd: etcdWith({ synced: 2 }), memberId: '1', outage: 'accepted' }),
      'allowed',
      '',
    ],
    [
      'one of two, the other down, the outage accepted?',
      mayRestartVoter({ etcd: etcdWith({ synced: 1, down: 1 }), memberId: '1', outage: 'accepted' }),
      'refused',
      'a second failure',
    ],
    [
      'one of three, one down, the outage accepted?',
      mayRestartVoter({ etcd: oneDown, memberId: '1', outage: 'accepted' }),
      'refused',
      'writes would stop',
    ],
    [
      'beside a member with corrupt data?',
      mayRestartVoter({ etcd: alarmed, memberId: '1' }),
      'refused',
      'data of cp-2 are corrupt',
    ],
    [
      'one of two beside corrupt data, the outage accepted?',
      mayRestartVoter({ etcd: two, memberId: '1', outage: 'accepted' }),
      'refused',
      'are corrupt',
    ],
    ['a member that is not there?', mayRestartVoter({ etcd: three, memberId: '9' }), 'refused', 'no member 9'],
    ['a learner?', mayRestartVoter({ etcd: etcdWith({ synced: 1, learner: {} }), memberId: '2' }), 'allowed', ''],
    [
      'when etcd cannot be observed?',
      mayRestartVoter({ etcd: { state: 'unobservable', because: 'no quorum' }, memberId: '1' }),
      'unknown',
      'no quorum',
    ],
  ])('%s', (_, verdict, kind, because) => {
    expect(verdict.kind).toBe(kind);
    expect(verdict.kind === 'allowed' ? '' : verdict.because).toContain(because);
  });
});

describe('leadership', () => {
  const etcd = etcdWith({ synced: 3, down: 1, unobserved: 1, learner: {} });
  test.each([
    ['to a follower in sync?', '2', 'allowed'],
    ['to one that is down?', '4', 'refused'],
    ['to one that cannot be observed?', '5', 'refused'],
    ['to a learner?', '6', 'refused'],
    ['to nobody?', '7', 'refused'],
  ])('may it move %s', (_, to, kind) => expect(mayMoveLeader({ etcd, to }).kind).toBe(kind));

  test('who is best to take it: the follower that has applied the most?', () => {
    const members = etcd.members.map((one) => (one.id === '3' ? { ...one, appliedIndex: '50001' } : one));
    expect(nextLeader({ ...etcd, members }, '1')).toBe('3');
    expect(nextLeader(etcdWith({ synced: 1, down: 2 }), '1')).toBeUndefined();
  });
});
