import { describe, expect, test } from 'vitest';
import type { DirectoryFacts, WipeDirectory } from './directory.ts';
import { mayStartEmpty, mayStartVoter, mayWipe, trashName } from './directory.ts';
import { etcdWith } from './test-members.ts';
import type { Verdict } from './verdict.ts';

const say = (verdict: Verdict) => (verdict.kind === 'allowed' ? 'allowed' : `${verdict.kind} ${verdict.rule}`);
const ours: DirectoryFacts = { state: 'intact', memberId: '9', clusterId: '77' };

describe('may a data directory go to the trash', () => {
  const wipe = (change: Partial<WipeDirectory>) =>
    mayWipe({
      directory: ours,
      container: 'stopped',
      etcd: etcdWith({ synced: 3 }),
      peerUrl: 'https://10.0.0.9:2380',
      condemned: 'no',
      ...change,
    });
  test.each<[string, Partial<WipeDirectory>, string]>([
    ['of a member that was removed?', {}, 'allowed'],
    ['of a voter that still is counted (finding 1)?', { directory: { ...ours, memberId: '2' } }, 'refused W-01'],
    [
      'of a counted voter that a person gave up?',
      { directory: { ...ours, memberId: '2' }, condemned: 'yes' },
      'refused W-01',
    ],
    ['of another cluster?', { directory: { ...ours, clusterId: '5' } }, 'refused W-01'],
    ['of another cluster, given up?', { directory: { ...ours, clusterId: '5' }, condemned: 'yes' }, 'allowed'],
    ['that cannot be looked at?', { directory: { state: 'unknown' } }, 'unknown W-01'],
    ['that cannot be read?', { directory: { state: 'intact' } }, 'refused W-03'],
    ['that cannot be read, given up?', { directory: { state: 'intact' }, condemned: 'yes' }, 'allowed'],
    [
      'that cannot be read, given up, its URL still listed?',
      { directory: { state: 'intact' }, condemned: 'yes', peerUrl: 'https://10.0.0.2:2380' },
      'refused W-03',
    ],
    ['while a container uses it?', { container: 'running' }, 'refused W-07'],
    ['while nobody knows whether a container uses it?', { container: 'unknown' }, 'unknown W-07'],
  ])('%s', (_, change, expected) => expect(say(wipe(change))).toBe(expected));
});

test('what is it called in the trash?', () =>
  expect(trashName({ memberId: '9', epoch: 4, at: 1_700_000_000 })).toBe('9-4-1700000000'));

describe('may etcd start on an empty directory', () => {
  const [voter] = etcdWith({ synced: 1 }).members;
  const started = { state: 'started', token: 't', memberships: {} } as const;
  const done = { ...started, state: 'done' } as const;
  const unstarted = voter && { ...voter, role: 'learner' as const, name: '' };
  test.each([
    ['in the first bootstrap?', mayStartEmpty({ record: started }), 'allowed'],
    ['before the bootstrap is recorded?', mayStartEmpty({ record: { state: 'never' } }), 'refused W-04'],
    ['after the bootstrap?', mayStartEmpty({ record: done }), 'refused W-04'],
    [
      'as a learner that was never started?',
      mayStartEmpty({ record: done, ...(unstarted && { member: unstarted }) }),
      'allowed',
    ],
    ['as a voter that had data?', mayStartEmpty({ record: done, ...(voter && { member: voter }) }), 'refused W-04'],
    [
      'as a voter that had data, during bootstrap?',
      mayStartEmpty({ record: started, ...(voter && { member: voter }) }),
      'refused W-04',
    ],
  ])('%s', (_, verdict, expected) => expect(say(verdict)).toBe(expected));

  test.each([
    ['its data are lost', mayStartEmpty({ record: done, ...(voter && { member: voter }) })],
    ['the token comes before', mayStartEmpty({ record: { state: 'never' } })],
    ['was bootstrapped before', mayStartEmpty({ record: done })],
  ])('and why not: %s?', (words, verdict) =>
    expect(verdict).toMatchObject({ because: expect.stringContaining(words) }),
  );
});

test.each([
  ['on its data, settled', 'intact', 'settled', 'allowed'],
  ['on its data, as in its first start', 'intact', 'first', 'refused W-06'],
  ['on an empty directory', 'empty', 'settled', 'refused W-05'],
  ['without its directory', 'absent', 'settled', 'refused W-05'],
  ['on what nobody has seen', 'unknown', 'settled', 'unknown W-05'],
] as const)('may a voter be started %s?', (_, directory, spec, expected) => {
  expect(say(mayStartVoter({ directory, spec }))).toBe(expected);
});
