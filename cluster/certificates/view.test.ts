import { expect, test } from 'vitest';
import { byVault, converged, declare, seen } from '../decide/testing/fleet.ts';
import { isAlarming, viewCertificates, type CertificatesView } from './view.ts';

/** Looked at 2026-01-01; certificates are renewed 30 days before their end, people are told 15 days before it. */
function viewWith(notAfter: string): CertificatesView {
  const facts = converged(declare({ encryption: byVault }));
  const container = seen(facts, 'cp-2').containers['vault-kms'];
  if (container === undefined) throw new Error('no plugin');
  const issued = { kind: 'vault-kms' as const, serial: '01', notBefore: '2025-12-01T00:00:00Z', notAfter };
  container.certificates = [issued];
  return viewCertificates(facts);
}

test('a certificate is listed with its node, subject, end, renewal and generation, that of a plugin too', () => {
  expect(viewWith('2026-12-01T00:00:00Z').certificates).toMatchObject([
    {
      node: 'cp-2',
      component: 'vault-kms',
      kind: 'vault-kms',
      subject: 'CN=vault-kms',
      sans: [],
      renewsAt: '2026-11-01T00:00:00.000Z',
      generation: 1,
      state: 'fresh',
    },
  ]);
});

test.each([
  ['fresh', '2026-02-01T00:00:01Z', 'no'],
  ['due', '2026-01-31T00:00:00Z', 'no'],
  ['due', '2026-01-16T00:00:01Z', 'no'],
  ['overdue', '2026-01-16T00:00:00Z', 'yes'],
  ['overdue', '2026-01-01T00:00:01Z', 'yes'],
  ['expired', '2026-01-01T00:00:00Z', 'yes'],
])('%s, it ends at %s: has a person to look? %s', (state, notAfter, look) => {
  const view = viewWith(notAfter);
  expect(view.certificates[0]?.state).toBe(state);
  expect(isAlarming(view)).toBe(look === 'yes');
});

test('a node whose certificates can’t be seen is named, and somebody has to look', () => {
  const facts = converged();
  facts.observation.nodes['worker-2'] = { state: 'unreachable', code: 'NodeUnreachable', because: 'no route to host' };
  const view = viewCertificates(facts);
  expect(view.unknown).toEqual([{ node: 'worker-2', because: 'no route to host' }]);
  expect(isAlarming(view)).toBe(true);
  expect(isAlarming(viewCertificates(facts, { node: 'worker-1' }))).toBe(false);
});
