import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

test('one call at a time, in the order in which they came, whatever becomes of them', async () => {
  const turns = createTurns();
  const seen: string[] = [];
  const call = (name: string) => () =>
    turns.inTurn(async () => {
      seen.push(`${name} begins`);
      await tick();
      seen.push(`${name} ends`);
      if (name === 'a') throw new Error('a failed');
    });
  const outcomes = await Promise.allSettled([call('a')(), call('b')()]);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('who asks before a shared call began shares it; who comes later gets one of his own', async () => {
  const turns = createTurns();
  let runs = 0;
  const run = async () => {
    runs += 1;
    await tick();
  };
  const busy = turns.inTurn(tick);
  const first = Promise.all([turns.shared(run), turns.shared(run), turns.shared(run)]);
  await busy;
  await tick();
  const late = turns.shared(run);
  await first;
  await late;
  expect(runs).toBe(2);
});
