import { expect, test } from 'vitest';
import { readEvent } from './container-events.ts';

const line = (action: string, attributes: Record<string, string>) => ({
  Type: 'container',
  Action: action,
  Actor: { ID: 'abc', Attributes: { image: 'x', ...attributes } },
  timeNano: 1_700_000_000_123_000_000,
});

test('a death has its exit code', () => {
  expect(readEvent(line('die', { name: 'etcd', exitCode: '137' }))).toEqual({
    action: 'die',
    container: 'etcd',
    id: 'abc',
    exitCode: 137,
    at: '2023-11-14T22:13:20.123Z',
  });
});

test.each([line('exec_start: sh', { name: 'etcd' }), line('start', {}), {}, { Action: 'start' }])(
  'what we do not know is passed over (%#)',
  (event) => {
    expect(readEvent(event)).toBeUndefined();
  },
);
