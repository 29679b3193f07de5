import { describe, expect, test } from 'vitest';
import { CkeError } from '../errors.ts';
import { agree } from './agreement.ts';
import type { MemberListView } from './agreement.ts';
import { isUndisturbed } from './alarms.ts';
import { mayRestAtSize } from './declared-size.ts';
import { demand } from './demand.ts';
import { isReliableSnapshot } from './snapshot.ts';
import type { SnapshotFacts } from './snapshot.ts';
import { etcdWith } from './test-members.ts';
import { allOf, allowed, refused, unknown } from './verdict.ts';

const view = (from: string, change: Partial<MemberListView> = {}): MemberListView => ({
  from,
  clusterId: '77',
  members: [{ id: '1', name: 'a', peerUrls: ['https://a:2380'], role: 'voter' }],
  ...change,
});

describe('do all members see one cluster', () => {
  const learner = [{ id: '1', name: 'a', peerUrls: ['https://a:2380'], role: 'learner' as const }];
  test.each([
    ['when all tell the same?', [view('cp-1'), view('cp-2')], 'agreed'],
    [
      'when one does not know a name yet?',
      [view('cp-1'), view('cp-2', { members: [{ id: '1', name: '', peerUrls: ['https://a:2380'], role: 'voter' }] })],
      'agreed',
    ],
    ['when one belongs to another cluster?', [view('cp-1'), view('cp-2', { clusterId: '5' })], 'disagreed'],
    ['when one misses a member?', [view('cp-1'), view('cp-2', { members: [] })], 'disagreed'],
    ['when one sees a learner as such?', [view('cp-1'), view('cp-2', { members: learner })], 'disagreed'],
    ['when none tells anything?', [], 'disagreed'],
  ])('%s', (_, views, kind) => expect(agree(views).kind).toBe(kind));
});

test.each([
  [0, 'refused'],
  [1, 'allowed'],
  [2, 'refused'],
  [3, 'allowed'],
  [4, 'refused'],
  [5, 'allowed'],
  [7, 'allowed'],
  [9, 'refused'],
])('may etcd rest at %i members?', (size, kind) => expect(mayRestAtSize(size).kind).toBe(kind));

test('may anything be changed beside a member whose version is not known?', () => {
  const members = etcdWith({ synced: 3 }).members.map(({ version: _unseen, ...member }) => member);
  expect(isUndisturbed({ members })).toMatchObject({
    kind: 'unknown',
    because: 'cannot observe the version of cp-1, cp-2, cp-3',
  });
});

describe('is a snapshot one to rely on', () => {
  const good: SnapshotFacts = {
    size: 512 * 40 + 32,
    checksum: 'matches',
    revision: '100',
    previousRevision: '90',
    restoredSince: 'no',
    alarms: [],
    copy: 'elsewhere',
  };
  test.each<[string, Partial<SnapshotFacts>, string]>([
    ['when all is right?', {}, 'allowed'],
    ['when it is a copied database file?', { size: 512 * 40 }, 'refused'],
    ['when a byte was flipped?', { checksum: 'differs' }, 'refused'],
    ['when its checksum was not verified?', { checksum: 'unknown' }, 'unknown'],
    ['when its status cannot be read?', { revision: undefined }, 'unknown'],
    ['when its revision went back?', { revision: '89' }, 'refused'],
    ['when its revision went back by a restore?', { revision: '89', restoredSince: 'yes' }, 'allowed'],
    ['when its only copy is on the node?', { copy: 'on-the-node' }, 'refused'],
    ['when the store was full?', { alarms: ['NOSPACE'] }, 'refused'],
  ])('%s', (_, change, kind) => expect(isReliableSnapshot({ ...good, ...change }).kind).toBe(kind));
});

test('is a refusal stronger than an unknown, and an unknown than a yes?', () => {
  expect(allOf(allowed, unknown('a', 'x'), refused('b', 'y'))).toEqual(refused('b', 'y'));
  expect(allOf(allowed, unknown('a', 'x'))).toEqual(unknown('a', 'x'));
  expect(allOf(allowed, allowed)).toEqual(allowed);
});

test('does an activity stop on anything but a yes, and say which rule?', () => {
  demand(allowed, 'remove cp-2');
  expect(() => demand(refused('I-03', '3 of 4'), 'remove cp-2')).toThrow(CkeError);
  expect(() => demand(unknown('I-01', 'cannot observe cp-3'), 'remove cp-2')).toThrow(
    'to remove cp-2 cannot be judged: cannot observe cp-3',
  );
});
