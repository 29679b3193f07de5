import { expect, test } from 'vitest';
import { endsSoon } from './secret-id.ts';

const now = Date.parse('2026-05-01T00:00:00Z');
const days = (count: number) => new Date(now + count * 86_400_000).toISOString();
const ttl = 90 * 86_400;

test.each([
  ['fresh', { secret_id_ttl: ttl, expiration_time: days(90) }, false],
  ['in its second third', { secret_id_ttl: ttl, expiration_time: days(31) }, false],
  ['in its last third', { secret_id_ttl: ttl, expiration_time: days(29) }, true],
  ['past its end', { secret_id_ttl: ttl, expiration_time: days(-1) }, true],
  ['without an end', { secret_id_ttl: 0, expiration_time: '0001-01-01T00:00:00Z' }, true],
])('a secret-id that is %s: is it exchanged?', (_when, found, due) => {
  expect(endsSoon(found, now)).toBe(due);
});
