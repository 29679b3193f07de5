import { defaultPayloadConverter } from '@temporalio/client';
import { expect, test } from 'vitest';
import { retriesOf, retryText } from './retries.ts';

const sealed = {
  message: 'Vault at https://10.0.0.5:8200 is sealed',
  applicationFailureInfo: {
    type: 'VaultSealed',
    details: { payloads: [defaultPayloadConverter.toPayload({ code: 'VaultSealed', fix: 'vault operator unseal' })] },
  },
};

test('Vault was sealed in the middle: said once, with how often, where and the cure', () => {
  const retries = retriesOf([
    { activityType: { name: 'installFiles' }, attempt: 4, lastFailure: sealed },
    { activityType: { name: 'installFiles' }, attempt: 5, lastFailure: sealed },
    { activityType: { name: 'awaitHealthy' }, attempt: 1 },
  ]);
  expect(retries).toHaveLength(1);
  expect(retries.map(retryText)).toEqual([
    'Vault at https://10.0.0.5:8200 is sealed (VaultSealed; tried 4 times, in 2 steps)\n    fix  vault operator unseal',
  ]);
});

test('a failure without details, or without a message, is told all the same', () => {
  const [told, late] = retriesOf([
    { activityType: { name: 'pullImages' }, attempt: 2, lastFailure: { message: 'first line\nsecond line' } },
    { activityType: { name: 'checkNode' }, attempt: 2, lastFailure: { message: '' } },
  ]);
  expect(told && retryText(told)).toBe('first line (NotHealthy; tried once)');
  expect(late && retryText(late)).toBe('checkNode did not end in time (NotHealthy; tried once)');
});

test('nothing failed: nothing is said', () => {
  expect(retriesOf([{ activityType: { name: 'installFiles' }, attempt: 1 }])).toEqual([]);
});
