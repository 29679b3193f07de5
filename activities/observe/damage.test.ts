import { expect, test } from 'vitest';
import { parseDamage } from '../node/damage.ts';
import { explainDamage } from './damage.ts';
import { certificate } from './testing/scheduler-certificate.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import { certificatePair, textFile } from '../../cluster/components/files.ts';

const spec: Pick<ComponentSpec, 'component' | 'root' | 'files'> = {
  component: 'kube-scheduler',
  root: '/etc/kubernetes',
  files: [
    ...certificatePair('/etc/kubernetes/scheduler/scheduler', certificate),
    textFile('/etc/kubernetes/scheduler/config.yml', 'kind: x'),
  ],
};

async function said(lines: string, present: 'garbage' | 'missing' = 'garbage') {
  const found = await explainDamage({
    damage: parseDamage(lines),
    specs: { 'kube-scheduler': spec as ComponentSpec },
    read: async () => (present === 'missing' ? undefined : Buffer.from('-----BEGIN CERT')),
    authorityBundle: async () => '',
    now: new Date('2026-11-01T00:00:00Z'),
  });
  return found['kube-scheduler'];
}

test.each([
  [
    'a truncated certificate',
    'scheduler/scheduler.crt\tcontent',
    'scheduler/scheduler.crt is no certificate, or part of one',
  ],
  ['another key', 'scheduler/scheduler.key\tcontent', 'scheduler/scheduler.key is not the key of its certificate'],
  ['another text', 'scheduler/config.yml\tcontent', 'scheduler/config.yml was changed'],
  [
    'a file in the place of a link',
    'scheduler/config.yml\tlink',
    'scheduler/config.yml is not the file that was installed',
  ],
  [
    'a key that another user owns',
    'scheduler/scheduler.key\tmode 600, owner 1000:1000',
    'scheduler/scheduler.key has mode 600, owner 1000:1000',
  ],
  [
    'a key that others may read',
    'scheduler/scheduler.key\tmode 644, owner 0:0',
    'scheduler/scheduler.key has mode 644, owner 0:0',
  ],
])('%s: what does an operator read?', async (_, line, sentence) => {
  expect(await said(`kube-scheduler\t${line}\n`)).toBe(sentence);
});

test('a certificate that is gone', async () => {
  expect(await said('kube-scheduler\tscheduler/scheduler.crt\tcontent\n', 'missing')).toBe(
    'scheduler/scheduler.crt is missing',
  );
});

test('key and certificate are both others: is only the certificate’s reason told?', async () => {
  const lines = ['crt', 'key'].map((name) => `kube-scheduler\tscheduler/scheduler.${name}\tcontent\n`);
  expect(await said(lines.join(''))).toBe(
    'scheduler/scheduler.crt is no certificate, or part of one, scheduler/scheduler.key was changed',
  );
});

test('another component’s damage says nothing of this one', async () => {
  expect(await said('kubelet\tpki/kubelet.crt\tcontent\n')).toBeUndefined();
});
