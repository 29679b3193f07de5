import { expect, test } from 'vitest';
import { brokenDirectoryRules } from './directories.ts';

test('no directory is put away, and etcd starts on no empty one, where a rule forbids it', () => {
  const { broken, allowed, states } = brokenDirectoryRules();
  expect(broken).toEqual([]);
  expect(allowed, 'some are allowed, or nothing would be tested').toBeGreaterThan(100);
  expect(states).toBeGreaterThan(1000);
});
