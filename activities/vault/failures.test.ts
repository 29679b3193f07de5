import { expect, test } from 'vitest';
import { failureOf, mayAskAnother, vaultError } from './failures.ts';
import { TransportFailure } from './transport.ts';

const where = { address: 'https://vault.example:8200', path: 'cke/demo/secrets/data/ssh' };
const roles = { ...where, path: 'cke/demo/ca-kubernetes/issue/kubelet-cp-1' };

function refusal(statusCode: number, ...errors: unknown[]) {
  return Object.assign(new Error('hvs.secret'), { response: { statusCode, body: { errors } } });
}

test.each([
  ['sealed', refusal(503, 'Vault is sealed'), 'VaultSealed', 'retry', /sealed/],
  ['no active node', refusal(503, 'local node not active'), 'VaultFailed', 'retry', /refused/],
  ['a token that is not valid', refusal(403, 'permission denied'), 'VaultDenied', 'never', /denied access to cke/],
  ['a bad request', refusal(400, 'hvs.secret is bad'), 'VaultFailed', 'never', /refused cke/],
  ['too many requests', refusal(429), 'VaultFailed', 'retry', /refused/],
  ['a redirect', refusal(307), 'VaultFailed', 'retry', /redirects to another address/],
  ['connection refused', new TransportFailure('connecting', 'ECONNREFUSED'), 'VaultUnreachable', 'retry', /reached/],
  [
    'an unknown CA',
    new TransportFailure('connecting', 'SELF_SIGNED_CERT_IN_CHAIN'),
    'VaultUnreachable',
    'never',
    /reached/,
  ],
  ['an error of another kind', new TypeError('hvs.secret'), 'VaultUnreachable', 'retry', /reached/],
])('%s: which code, and does trying again help?', (_, rejection, code, remedy, message) => {
  const { complaint } = vaultError(failureOf(rejection), where);
  expect(complaint).toMatchObject({ code, remedy });
  expect(complaint.message).toMatch(message);
  expect(JSON.stringify(complaint)).not.toContain('hvs.secret');
});

test('a PKI role that refuses: are Vault’s words told, in one printable line?', () => {
  const failure = failureOf(refusal(400, 'common name x\nnot allowed by this role'));
  expect(vaultError(failure, roles).complaint.got).toBe('HTTP 400: common name x not allowed by this role');
});

test.each([
  ['GET', new TransportFailure('waiting', 'deadline'), 'yes'],
  ['POST', new TransportFailure('waiting', 'deadline'), 'no'],
  ['POST', new TransportFailure('connecting', 'ECONNREFUSED'), 'yes'],
  ['POST', refusal(503, 'Vault is sealed'), 'yes'],
  ['POST', refusal(307), 'yes'],
  ['POST', refusal(500), 'no'],
  ['GET', refusal(403), 'no'],
])('%s that ends with %s: may another server be asked? %s', (method, rejection, expected) => {
  expect(mayAskAnother(failureOf(rejection), method)).toBe(expected);
});
