import { expect, test } from 'vitest';
import { byVault, declare } from '../decide/testing/fleet.ts';
import { CkeError } from '../errors.ts';
import { demandRotatable } from './rotatable.ts';
import { rotatables, type Rotatable } from './trust.ts';

/** What is said to somebody who wants it rotated; undefined when it may be. */
function refusal(of: Rotatable, encryption: string): CkeError['complaint'] | undefined {
  try {
    demandRotatable(declare({ encryption }), of);
    return undefined;
  } catch (error) {
    if (error instanceof CkeError) return error.complaint;
    throw error;
  }
}

test.each(rotatables)('where the provider is kms %s may be rotated', (of) => {
  expect(refusal(of, byVault)).toBeUndefined();
});

test.each(['', '{provider: secretbox}', '{provider: none}'])(
  'with secrets_encryption %j all but the CA of the plugin',
  (encryption) => {
    expect(rotatables.filter((of) => refusal(of, encryption) !== undefined)).toEqual(['vault-kms']);
  },
);

test('the refusal says which CA, why, and what to do', () => {
  expect(refusal('vault-kms', '{provider: secretbox}')).toMatchObject({
    code: 'RotationRefused',
    message: expect.stringMatching(/^vault-kms of test is not rotated: .*provider kms/),
    got: 'secrets_encryption.provider secretbox',
    want: expect.stringContaining('another CA: server, etcd-peer'),
    fix: expect.stringContaining('cke-client apply'),
  });
});
