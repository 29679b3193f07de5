import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { byVault, converged, declare, seen } from '../cluster/decide/testing/fleet.ts';
import { certificateGauges } from './certificate-gauges.ts';

const labels = 'cluster="test",node="cp-1",component="vault-kms",kind="vault-kms"';
const seconds = (time: string) => Date.parse(time) / 1000;

test('end, renewal and generation of each certificate are shown, and one that is gone is not', async () => {
  const registry = new Registry();
  const show = certificateGauges(registry);
  const facts = converged(declare({ encryption: byVault }));
  const container = seen(facts, 'cp-1').containers['vault-kms'];
  if (container === undefined) throw new Error('no plugin');
  const [notBefore, notAfter] = ['2025-12-01T00:00:00Z', '2026-12-01T00:00:00Z'];
  container.certificates = [{ kind: 'vault-kms', serial: '01', notBefore, notAfter, generation: 3 }];
  show(facts);
  const text = await registry.metrics();
  expect(text).toContain(`cke_certificate_expiry_timestamp_seconds{${labels}} ${seconds(notAfter)}`);
  expect(text).toContain(`cke_certificate_renewal_timestamp_seconds{${labels}} ${seconds('2026-11-01T00:00:00Z')}`);
  expect(text).toContain(`cke_certificate_generation{${labels}} 3`);
  expect(text).toContain(`cke_look_timestamp_seconds{cluster="test"} ${seconds('2026-01-01T00:00:00Z')}`);
  container.certificates = [];
  show(facts);
  expect(await registry.metrics()).not.toContain('node="cp-1"');
});
