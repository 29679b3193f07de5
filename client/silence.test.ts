import { expect, test } from 'vitest';
import { createSilence } from './silence.ts';

test('for how long is a server that does not answer asked again?', () => {
  let now = 0;
  const silence = createSilence(() => now);
  expect(silence.unheard()).toBe('try again');
  now = 119_000;
  expect(silence.unheard()).toBe('try again');
  silence.heard();
  now = 200_000;
  expect(silence.unheard(), 'an answer in between starts the count anew').toBe('try again');
  now = 320_000;
  expect(silence.unheard()).toBe('give up');
});
