import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterStage,
  openRotations,
  signature,
  signingIssuer,
  tokenSigner,
  trustedIssuers,
  turnedBack,
  type AuthorityTrust,
  type Rotation,
} from './trust.ts';

const at = '2026-01-01T00:00:00Z';

const begun: Rotation = {
  stage: 'trust-both',
  from: 'root-1',
  to: 'root-2',
  by: 'alice@bastion',
  startedAt: at,
  since: at,
  direction: 'forward',
  without: [],
  pods: 'ask',
};

const inForce = (trust: AuthorityTrust | undefined) => ({
  signs: signingIssuer(trust && { kubernetes: trust }, 'kubernetes'),
  trusted: trustedIssuers(trust && { kubernetes: trust }, 'kubernetes'),
});

describe('who signs, and who is trusted?', () => {
  test.each<[string, AuthorityTrust | undefined, string | undefined, string[] | undefined]>([
    ['never rotated', undefined, undefined, undefined],
    ['both trusted', begun, 'root-1', ['root-1', 'root-2']],
    ['reissued', { ...begun, stage: 'reissue' }, 'root-2', ['root-1', 'root-2']],
    ['left to expire', { ...begun, stage: 'overlap' }, 'root-2', ['root-1', 'root-2']],
    ['old one dropped', { ...begun, stage: 'drop-old' }, 'root-2', ['root-2']],
    ['done', { stage: 'settled', issuer: 'root-2' }, 'root-2', ['root-2']],
  ])('%s', (_, trust, signs, trusted) => {
    expect(inForce(trust)).toEqual({ signs, trusted });
  });
});

test.each([
  ['kubernetes', ['reissue', 'drop-old', 'settled']],
  [tokenSigner, ['reissue', 'overlap', 'drop-old', 'settled']],
] as const)('in which order does the rotation of %s go?', (of, stages) => {
  const seen: string[] = [];
  for (let one: AuthorityTrust = begun; one.stage !== 'settled'; seen.push(one.stage)) one = afterStage(of, one, at);
  expect(seen).toEqual(stages);
});

test('is a finished rotation no open one?', () => {
  expect(openRotations({ server: { stage: 'settled', issuer: 'root-2' }, 'etcd-peer': begun })).toEqual([
    { of: 'etcd-peer', rotation: begun },
  ]);
});

describe('can it be turned around?', () => {
  test.each([
    ['trust-both', 'drop-old', ['root-1']],
    ['reissue', 'reissue', ['root-1', 'root-2']],
    ['overlap', 'reissue', ['root-1', 'root-2']],
  ] as const)('in %s: it goes on with %s', (stage, next, trusted) => {
    const back = turnedBack({ ...begun, stage }, at);
    expect(back?.stage).toBe(next);
    expect(back && inForce(back)).toEqual({ signs: 'root-1', trusted });
  });

  test('not once the old one is being dropped', () => {
    expect(turnedBack({ ...begun, stage: 'drop-old' }, at)).toBeUndefined();
  });

  test('what is signed since says so, then and ever after; the next new CA has nothing to say', () => {
    const back = turnedBack({ ...begun, stage: 'reissue' }, at);
    if (back === undefined) throw new Error('it can be turned around');
    const mark = { issuer: 'root-1', insteadOf: 'root-2' };
    expect(signature({ kubernetes: back }, 'kubernetes')).toEqual(mark);
    const settled = afterStage('kubernetes', { ...back, stage: 'drop-old' }, at);
    expect(signature({ kubernetes: settled }, 'kubernetes')).toEqual(mark);
    const next = { ...begun, to: 'root-3', insteadOf: 'root-2' };
    expect(signature({ kubernetes: next }, 'kubernetes')).toEqual(mark);
    expect(signature({ kubernetes: { ...next, stage: 'reissue' } }, 'kubernetes')).toEqual({ issuer: 'root-3' });
    const done = afterStage('kubernetes', { ...next, stage: 'drop-old' }, at);
    expect(done).toEqual({ stage: 'settled', issuer: 'root-3' });
  });

  test('nothing came from the new one while both were being learned: leaves stay as they are', () => {
    const back = turnedBack(begun, at);
    expect(back && signature({ kubernetes: back }, 'kubernetes')).toEqual({ issuer: 'root-1' });
  });

  test('turning it around twice changes nothing', () => {
    const back = turnedBack({ ...begun, stage: 'reissue' }, at);
    expect(back && turnedBack(back, at)).toBe(back);
  });
});

/** One program on a node: what it shows and whom it trusts; both change together when it is brought to what is wanted. */
interface Peer {
  shows: string;
  trusts: string[];
}

const wantedOf = (trust: AuthorityTrust): Peer => {
  const { signs = '', trusted = [] } = inForce(trust);
  return { shows: signs, trusts: trusted };
};

const isAs = (peer: Peer, wanted: Peer): boolean =>
  peer.shows === wanted.shows && peer.trusts.join(' ') === wanted.trusts.join(' ');

type Event = { kind: 'bring'; node: number } | { kind: 'advance' } | { kind: 'turn back' };

/** What may happen: a node is brought to what is wanted, the stage advances if all are, or a person turns it around. */
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('bring' as const), node: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'turn back' as const }) },
);

describe('whatever the order in which nodes change, do any two of them trust each other at every moment?', () => {
  function mistrust(events: Event[], mayAdvance: (peers: Peer[], wanted: Peer) => boolean) {
    const peers: Peer[] = Array.from({ length: 5 }, () => ({ shows: 'root-1', trusts: ['root-1'] }));
    let trust: AuthorityTrust = begun;
    for (const one of events) {
      const wanted = wantedOf(trust);
      if (one.kind === 'bring') peers[one.node] = wanted;
      else if (trust.stage === 'settled') continue;
      else if (one.kind === 'turn back') trust = turnedBack(trust, at) ?? trust;
      else if (mayAdvance(peers, wanted)) trust = afterStage('kubernetes', trust, at);
      const odd = peers.find(({ shows }) => peers.some(({ trusts }) => !trusts.includes(shows)));
      if (odd) return odd;
    }
    return undefined;
  }

  test('yes, when a stage is entered only after the one before is complete on all', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        expect(mistrust(events, (peers, wanted) => peers.every((peer) => isAs(peer, wanted)))).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  test('no, when one node is forgotten: so the test above can fail', () => {
    const seen = fc.check(
      fc.property(
        fc.array(event, { maxLength: 120 }),
        (events) =>
          mistrust(events, (peers, wanted) => peers.slice(1).every((peer) => isAs(peer, wanted))) === undefined,
      ),
      { numRuns: 3000 },
    );
    expect(seen.failed).toBe(true);
  });
});
