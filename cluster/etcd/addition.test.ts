import { describe, expect, test } from 'vitest';
import type { EtcdMember } from '../observation.ts';
import { isCaughtUp, mayAddLearner, mayPromote } from './addition.ts';
import type { AddLearner, PromoteLearner } from './addition.ts';
import { changed, etcdWith } from './test-members.ts';

const url = 'https://10.0.0.9:2380';

const add = (change: Partial<AddLearner>) =>
  mayAddLearner({ etcd: etcdWith({ synced: 3 }), peerUrl: url, wantedSize: 5, stableSeconds: 10, ...change });

describe('may a member be added', () => {
  test.each<[string, Partial<AddLearner>, string, string]>([
    ['to three in sync?', {}, 'allowed', ''],
    ['to three that are to stay three, for a swap?', { wantedSize: 3 }, 'allowed', ''],
    ['to four that are to be three?', { etcd: etcdWith({ synced: 4 }), wantedSize: 3 }, 'I-18', 'one is removed first'],
    ['while one is down?', { etcd: etcdWith({ synced: 2, down: 1 }) }, 'I-06', 'a failed member has to be removed'],
    ['while one cannot be observed?', { etcd: etcdWith({ synced: 2, unobserved: 1 }) }, 'I-06', 'cannot observe cp-3'],
    [
      'while another learner is there?',
      { etcd: etcdWith({ synced: 3, learner: {} }) },
      'I-04',
      'one membership change at a time',
    ],
    ['5 s after the last change?', { stableSeconds: 5 }, 'I-04', 'for 5 s'],
    ['with a peer URL that is there?', { peerUrl: 'https://10.0.0.2:2380' }, 'I-12', 'member 2 has the peer URL'],
    [
      'while a store is full?',
      { etcd: changed(etcdWith({ synced: 3 }), '3', { alarms: ['NOSPACE'] }) },
      'I-15',
      'cp-3: NOSPACE',
    ],
    [
      'in the middle of an upgrade?',
      { etcd: changed(etcdWith({ synced: 3 }), '3', { version: '3.6.17' }) },
      'I-15',
      '3.6.16, 3.6.17',
    ],
    [
      'in the middle of an upgrade of two, of which none may be restarted?',
      { etcd: changed(etcdWith({ synced: 2 }), '2', { version: '3.6.17' }), wantedSize: 3 },
      'allowed',
      '',
    ],
    [
      'when only one that leaves has another version, which it keeps?',
      { etcd: changed(etcdWith({ synced: 3 }), '3', { version: '3.6.15' }), staying: ['cp-1', 'cp-2', 'cp-4'] },
      'allowed',
      '',
    ],
    [
      'to three of which none stays, for the only one that is wanted?',
      { wantedSize: 1, staying: ['cp-9'] },
      'allowed',
      '',
    ],
  ])('%s', (_, change, rule, because) => {
    const verdict = add(change);
    expect(verdict.kind === 'allowed' ? 'allowed' : verdict.rule).toBe(rule);
    expect(verdict.kind === 'allowed' ? '' : verdict.because).toContain(because);
  });
});

const promote = (learner: Partial<EtcdMember>, change: Partial<PromoteLearner> = {}) =>
  mayPromote({
    etcd: etcdWith({ synced: 3, learner }),
    memberId: '4',
    directory: 'matches',
    caughtUpSeconds: 2,
    ...change,
  });

describe('may a learner become a voter', () => {
  test.each([
    ['when it has caught up?', promote({}), 'allowed'],
    ['when it was never started?', promote({ name: '' }), 'refused'],
    ['on the directory of another membership?', promote({}, { directory: 'differs' }), 'refused'],
    ['when its directory was not looked at?', promote({}, { directory: 'unknown' }), 'unknown'],
    ['when it was seen caught up just now?', promote({}, { caughtUpSeconds: 0 }), 'refused'],
    ['when it is 501 of 50000 entries behind?', promote({ appliedIndex: '49499' }), 'refused'],
    ['when it is 500 of 50000 entries behind?', promote({ appliedIndex: '49500' }), 'allowed'],
    ['when it has the newer version already?', promote({ version: '3.6.17' }), 'allowed'],
    ['when it votes already?', promote({ role: 'voter' }), 'refused'],
    ['when it is gone?', promote({}, { memberId: '9' }), 'refused'],
    [
      'while the store of a voter is full?',
      promote({}, { etcd: changed(etcdWith({ synced: 3, learner: {} }), '2', { alarms: ['NOSPACE'] }) }),
      'refused',
    ],
  ])('%s', (_, verdict, kind) => expect(verdict.kind).toBe(kind));
});

test.each([
  ['10 of 20 entries behind on a young cluster', '20', '10', 'allowed'],
  ['11 of 21 entries behind on a young cluster', '21', '10', 'refused'],
  ['1000 of 10 million entries behind', '10000000', '9999000', 'allowed'],
  ['1001 of 10 million entries behind, which etcd would accept', '10000000', '9998999', 'refused'],
  ['at an index above 2^53', '9007199254740993000', '9007199254740991000', 'refused'],
])('is a learner caught up %s?', (_, leader, learner, kind) => {
  const { members } = etcdWith({ synced: 1, learner: { appliedIndex: learner } });
  const [first, second] = members;
  if (!first || !second) throw new Error('two members are needed');
  expect(isCaughtUp({ members: [{ ...first, appliedIndex: leader }, second] }, second).kind).toBe(kind);
});

function withoutIndex(member: EtcdMember): EtcdMember {
  const copy = { ...member };
  delete copy.appliedIndex;
  return copy;
}

test('is a learner caught up when nobody knows how far it is, or how far the leader?', () => {
  const { members } = etcdWith({ synced: 1, learner: {} });
  const [leader, learner] = members.map(withoutIndex);
  if (!leader || !learner || !members[0]) throw new Error('two members are needed');
  expect(isCaughtUp({ members: [members[0], learner] }, learner).kind).toBe('unknown');
  expect(isCaughtUp({ members: [leader, learner] }, { ...learner, appliedIndex: '5' }).kind).toBe('unknown');
});
