import { describe, expect, test } from 'vitest';
import { checkMembers, type MemberSample } from './members.ts';

/** One look a second: `abc` are voters that run and answer, `(c)` runs and is silent, `-c` does not run, `[c]` is a learner. */
function look(text: string, { excused = '', restarted = '' } = {}): Omit<MemberSample, 'at'> {
  const found = [...text.matchAll(/(\(|-|\[)?([a-e])/gu)].map(([, how = '', address = '']) => ({ how, address }));
  const running = found.filter(({ how }) => how !== '-').map(({ address }) => address);
  return {
    members: found.map(({ how, address }, index) => ({
      id: `${index}`,
      address,
      role: how === '[' ? 'learner' : 'voter',
    })),
    runningSince: Object.fromEntries(
      running.map((address) => [address, restarted.includes(address) ? 'later' : 'first']),
    ),
    answering: found.flatMap(({ how, address }) => (how === '' ? [address] : [])),
    excused: excused.split(''),
  };
}

const after = (...looks: Omit<MemberSample, 'at'>[]) =>
  checkMembers(looks.map((one, index) => ({ ...one, at: index * 1000 })));

describe('never more than one member is out by our doing', () => {
  test.each([
    ['all are there', after(look('abc'), look('abc'))],
    [
      'one is restarted',
      after(look('abc'), look('ab-c'), look('ab(c)', { restarted: 'c' }), look('abc', { restarted: 'c' })),
    ],
    [
      'one has no power, and one comes as a learner',
      after(look('abc'), look('ab-c', { excused: 'c' }), look('ab-c[d]', { excused: 'c' })),
    ],
    ['all are silent for a moment on a busy machine', after(look('abc'), look('(a)(b)(c)'), look('abc'))],
    ['five voters, one without power, one restarted', after(look('abcde'), look('abc-d-e', { excused: 'e' }))],
  ])('%s: nothing is wrong', (_, found) => {
    expect(found).toEqual([]);
  });

  test.each([
    ['two are stopped', after(look('abc'), look('a-b-c')), /b and c are out/u],
    [
      'one is stopped before another has come back from its restart',
      after(look('abcde'), look('abcd(e)', { restarted: 'e' }), look('abc-d(e)', { restarted: 'e' })),
      /d and e are out/u,
    ],
    [
      'one is stopped while another has no power',
      after(look('abc'), look('a-b-c', { excused: 'c' })),
      /b is out, and 1 of 3/u,
    ],
    [
      'two are silent for long',
      after(look('abc'), ...Array<ReturnType<typeof look>>(9).fill(look('a(b)(c)'))),
      /b and c are out/u,
    ],
    ['two members on one machine', after(look('abcc')), /two members at one address/u],
  ])('%s: found', (_, found, words) => {
    expect(found.join('; ')).toMatch(words);
  });
});
