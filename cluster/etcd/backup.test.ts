import { expect, test } from 'vitest';
import { type Backup, describeBackup, withBackup } from './backup.ts';

const backup = (place: string, revision = '10'): Backup => ({
  at: '2026-01-01T00:00:00.000Z',
  clusterId: 'c1',
  revision,
  bytes: 21_400_000,
  place,
});

test('the latest stands first, what was deleted to make room is no longer listed, and an earlier failure is over', () => {
  const before = { kept: [backup('m:/b'), backup('m:/a')], failed: { at: '2026-01-01T00:00:00.000Z', because: 'x' } };
  expect(withBackup(before, { backup: backup('m:/c'), dropped: ['m:/a'] })).toEqual({
    kept: [backup('m:/c'), backup('m:/b')],
  });
});

test('a place that is written again is listed once', () => {
  const before = { kept: [backup('m:/a', '10')] };
  expect(withBackup(before, { backup: backup('m:/a', '11'), dropped: [] }).kept).toEqual([backup('m:/a', '11')]);
});

test('revision, size and place are told', () =>
  expect(describeBackup(backup('m:/a'))).toBe('revision 10, 21.4 MB, m:/a'));
