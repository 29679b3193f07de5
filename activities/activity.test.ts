import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { CkeError } from '../cluster/errors.ts';
import { asFailure } from './activity.ts';

test('a complaint becomes a failure with its code as type and its cure as details', () => {
  const failure = asFailure(
    new CkeError({ code: 'NodeHostKeyChanged', message: 'cp-1: another host key', fix: 'look', remedy: 'never' }),
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({
    type: 'NodeHostKeyChanged',
    message: 'cp-1: another host key',
    nonRetryable: true,
    details: [{ code: 'NodeHostKeyChanged', fix: 'look', remedy: 'never' }],
  });
});

test.each([
  ['a Vault token', new Error('denied for hvs.CAESIJabcdef'), 'hvs.CAES'],
  ['a key', new Error('bad -----BEGIN PRIVATE KEY-----MIIE'), 'MIIE'],
  ['a second line', new Error('first\nsecret'), 'secret'],
])('%s in an unforeseen error does not reach a history', (_name, error, secret) => {
  expect(asFailure(error).message).not.toContain(secret);
});

test('what may be tried again is given up at the last attempt, in the same words', () => {
  const sealed = new CkeError({ code: 'VaultSealed', message: 'Vault is sealed', remedy: 'retry' });
  expect(asFailure(sealed, 'may retry')).toMatchObject({ type: 'VaultSealed', nonRetryable: false });
  expect(asFailure(sealed, 'last attempt')).toMatchObject({ type: 'VaultSealed', nonRetryable: true });
  expect(asFailure(new Error('surprise'), 'last attempt')).toMatchObject({ nonRetryable: true });
});
