import { expect, test } from 'vitest';
import type { CertificateKind } from './certificate.ts';
import { wantedGeneration, whyRenew, type Rotation } from './expiry.ts';

const at = '2026-11-01T00:00:00Z';

const certificate = (rest: { notAfter?: string; notBefore?: string; generation?: number; kind?: CertificateKind }) => ({
  kind: 'kubelet' as const,
  serial: '1',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-11-01T00:00:00Z',
  ...rest,
});

const asked = (generation: number, scope: Pick<Rotation, 'kind' | 'node'> = {}): Rotation => ({
  generation,
  by: 'alice',
  at,
  id: `${generation}`,
  ...scope,
});

test.each([
  ['a year left, renewed 30 days before', [{}], undefined],
  ['29 days left', [{ notAfter: '2026-11-30T00:00:00Z' }], 'its kubelet certificate expires at 2026-11-30T00:00:00Z'],
  [
    'expired already',
    [{ notAfter: '2026-10-01T00:00:00Z' }],
    'its kubelet certificate has expired at 2026-10-01T00:00:00Z',
  ],
  [
    'two are due: the first to end is named',
    [{ notAfter: '2026-11-20T00:00:00Z' }, { notAfter: '2026-11-10T00:00:00Z' }],
    'its kubelet certificate expires at 2026-11-10T00:00:00Z',
  ],
  [
    'not yet valid',
    [{ notBefore: '2026-11-02T00:00:00Z' }],
    'its kubelet certificate is not valid before 2026-11-02T00:00:00Z',
  ],
  [
    'the declared lifetime was shortened meanwhile',
    [{ notAfter: '2036-01-01T00:00:00Z' }],
    'its kubelet certificate ends at 2036-01-01T00:00:00Z, which is later than its lifetime allows now',
  ],
  ['none at all', [], undefined],
])('%s', (_name, certificates, sentence) => {
  const renewal = {
    certificates: certificates.map(certificate),
    node: 'cp-1',
    at,
    renewBeforeHours: 30 * 24,
    lifetimeHours: 8784,
  };
  expect(whyRenew(renewal)).toBe(sentence);
});

test.each([
  ['nobody has asked', [], 1],
  ['all were asked for', [asked(2)], 2],
  ['all, and then this kind', [asked(2), asked(3, { kind: 'kubelet' })], 3],
  ['another kind', [asked(2, { kind: 'kube-proxy' })], 1],
  ['another node', [asked(2, { node: 'cp-2' })], 1],
  ['this kind on this node', [asked(5, { kind: 'kubelet', node: 'cp-1' })], 5],
])('which generation of cp-1’s kubelet certificate is wanted: %s', (_name, rotations, generation) => {
  expect(wantedGeneration(rotations, { kind: 'kubelet', node: 'cp-1' })).toBe(generation);
});

test('a rotation was asked for: is a certificate of an older generation due, and a new one not?', () => {
  const common = { node: 'cp-1', at, renewBeforeHours: 1, lifetimeHours: 8784, rotations: [asked(2)] };
  expect(whyRenew({ ...common, certificates: [certificate({})] })).toBe(
    'alice asked for generation 2 of its kubelet certificate',
  );
  expect(whyRenew({ ...common, certificates: [certificate({ generation: 2 })] })).toBeUndefined();
});
