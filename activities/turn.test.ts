import { describe, expect, test } from 'vitest';
import { createTurn, hasLostTurn, takingTurn } from './turn.ts';

/** What an attempt hears at the end when it beats, or asks, at these seconds. */
async function askedAt(...seconds: number[]): Promise<string> {
  const clock = { now: 0 };
  const turn = createTurn(() => clock.now);
  return takingTurn(turn, async () => {
    const answers = seconds.map((at) => {
      clock.now = at * 1000;
      return hasLostTurn();
    });
    return answers.at(-1) === true ? 'lost' : 'kept';
  });
}

describe('an attempt has its turn (E-04)', () => {
  test.each<[string, number[], string]>([
    ['while it beats', [2, 4, 6, 8], 'kept'],
    ['late by a moment', [2, 8], 'kept'],
    ['not after it was frozen', [2, 30], 'lost'],
    ['nor when its beat came first after that', [2, 30, 30.1], 'lost'],
  ])('%s', async (_, seconds, wanted) => expect(await askedAt(...seconds)).toBe(wanted));

  test('outside of activities nobody has one to lose', () => expect(hasLostTurn()).toBe(false));
});
