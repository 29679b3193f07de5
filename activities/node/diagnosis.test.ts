import { expect, test } from 'vitest';
import { diagnose, diagnosticCommand } from './diagnosis.ts';

const target = { cluster: 'demo', name: 'cp-1', address: '10.0.0.11', port: 22, user: 'cke' };

test.each([
  { output: 'missing\ncke docker\n', code: 'DockerMissing', says: /does not exist/ },
  { output: 'idle\ncke docker\n', code: 'DockerMissing', says: /nothing listens/ },
  { output: 'denied\ncke users\n', code: 'DockerDenied', says: /groups of cke: cke users/ },
  { output: 'usable\r\ncke docker\r\n', code: 'DockerForwardingOff', says: /channel was refused/ },
  { output: '', code: 'DockerFailed', says: /refused by the test/ },
  { output: 'This account is currently not available.\n', code: 'DockerFailed', says: /could not be run/ },
])('"$output" means $code', ({ output, code, says }) => {
  const { complaint } = diagnose(target, output, 'refused by the test');
  expect(complaint).toMatchObject({ code, node: 'cp-1' });
  expect(complaint.message).toMatch(/^cp-1 \(10\.0\.0\.11\): /);
  expect(complaint.got).toMatch(says);
});

test('the diagnostic command is one word for every login shell', () => {
  expect(diagnosticCommand).toMatch(/^sh -c '[^']*'$/);
});
