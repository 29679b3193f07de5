import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDamage } from '../node/damage.ts';
import { certificatePair } from '../../cluster/components/files.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import { run } from '../../lab/command.ts';
import { explainDamage } from './damage.ts';
import { certificate } from './testing/scheduler-certificate.ts';

const directory = mkdtempSync(join(tmpdir(), 'cke-damaged-'));
const at = (name: string) => join(directory, name);
const day = 86_400_000;

const files = certificatePair('/etc/kubernetes/scheduler/scheduler', certificate);
const spec = { component: 'kube-scheduler', root: '/etc/kubernetes', files } as ComponentSpec;

beforeAll(async () => {
  const key = (name: string) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(name)];
  const make = (name: string, subject: string, ...more: string[]) =>
    run('openssl', ['req', '-x509', ...key(`${name}.key`), '-subj', subject, '-days', '30', '-out', at(name), ...more]);
  const leaf = (name: string, { by, names, user }: { by: string; names: string; user: string }) =>
    make(
      name,
      `/CN=${user}/O=system:kube-scheduler`,
      '-CA',
      at(by),
      '-CAkey',
      at(`${by}.key`),
      '-addext',
      `subjectAltName=${names}`,
      '-addext',
      'extendedKeyUsage=clientAuth,serverAuth',
      '-addext',
      'basicConstraints=CA:FALSE',
    );
  const right = { by: 'ca', names: 'DNS:localhost,IP:127.0.0.1', user: 'system:kube-scheduler' };
  for (const name of ['ca', 'other-ca']) await make(name, '/CN=kubernetes CA');
  await leaf('right', right);
  await leaf('names', { ...right, names: 'DNS:localhost,IP:10.0.0.66' });
  await leaf('user', { ...right, user: 'system:masters' });
  await leaf('stranger', { ...right, by: 'other-ca' });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What is said of a certificate that lies where another one was installed. */
async function verdict(name: string, days = 1): Promise<string | undefined> {
  const found = await explainDamage({
    damage: parseDamage('kube-scheduler\tscheduler/scheduler.crt\tcontent\n'),
    specs: { 'kube-scheduler': spec },
    read: async () => readFileSync(at(name)),
    authorityBundle: async () => readFileSync(at('ca'), 'utf8'),
    now: new Date(Date.now() + days * day),
  });
  return found['kube-scheduler']?.replace('scheduler/scheduler.crt ', '');
}

test.each([
  ['the address of another machine', 'names', /^names others than it should: IP addresses: got .*want /],
  [
    'the name of another user',
    'user',
    /^names others than it should: common name: got system:masters, want system:kube-/,
  ],
  ['a CA of the same name that is not ours', 'stranger', /^was not issued by the kubernetes CA$/],
  ['everything right, and it is not the one that was installed', 'right', /^is another certificate than the one/],
])('%s: what does an operator read?', async (_, name, says) => {
  expect(await verdict(name)).toMatch(says);
});

test.each([
  [31, /^has expired at /],
  [-1, /^is not valid before /],
])('looked at in %i days', async (days, says) => {
  expect(await verdict('right', days)).toMatch(says);
});
