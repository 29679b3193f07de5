import { ApiException } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { classifyKubernetesError, kubernetesError } from './failure.ts';

const answer = (code: number, body: unknown) => new ApiException(code, 'Unsuccessful HTTP Request', body, {});
const status = (message: string) => JSON.stringify({ kind: 'Status', message });

test.each([
  ['too many requests: another server', answer(429, status('slow down')), 'unavailable', 'retry'],
  ['a server that stops: another server', answer(503, 'shutting down'), 'unavailable', 'retry'],
  ['an object that is not there', answer(404, status('nodes "a" not found')), 'missing', 'retry'],
  ['somebody else was faster', answer(409, status('the object has been modified')), 'conflict', 'retry'],
  ['an object that is wrong', answer(422, status('invalid')), 'refused', 'never'],
  ['a certificate that is not accepted', answer(401, status('Unauthorized')), 'refused', 'never'],
  ['an admission webhook that says no', answer(403, status('denied')), 'refused', 'retry'],
  ['a closed port', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'unavailable', 'retry'],
  ['silence', Object.assign(new Error('aborted'), { name: 'AbortError' }), 'unavailable', 'retry'],
  ['something else that is thrown', 'text', 'unavailable', 'retry'],
])('%s', (_, error, kind, remedy) => {
  expect(classifyKubernetesError(error)).toMatchObject({ kind, remedy });
});

test('what people read is one short line', () => {
  const failure = classifyKubernetesError(answer(422, status(`first\nsecond ${'x'.repeat(1000)}`)));
  const { complaint } = kubernetesError('applying ClusterRole/a', failure);
  expect(complaint.message).toBe('applying ClusterRole/a: the API server refuses');
  expect(complaint.got).toMatch(/^422 first second x+…$/);
  expect(complaint.got?.length).toBeLessThan(320);
});
