import { expect, test } from 'vitest';
import { overdueCertificates } from './overdue-certificates.ts';
import { converged, seen } from './testing/fleet.ts';

const days = (count: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + count * 86_400_000).toISOString();

/** `renew_before_hours` is 720 by default: thirty days. */
test.each([
  ['it is renewed in time, by itself', 20, []],
  ['half of that time has passed, and it was not', 14, ['cp-1 etcd']],
])('is anybody told of a certificate? %s', (_, left, told) => {
  const facts = converged();
  facts.observation.at = days(0);
  const container = seen(facts, 'cp-1').containers.etcd;
  if (container === undefined) throw new Error('etcd runs on a control plane');
  for (const { containers } of Object.values(facts.observation.nodes).filter((node) => node.state === 'observed'))
    for (const one of Object.values(containers)) one.certificates = [];
  container.certificates = [{ kind: 'etcd-server', serial: '1', notBefore: days(-300), notAfter: days(left) }];
  expect(overdueCertificates(facts).map(({ node, component }) => `${node} ${component}`)).toEqual(told);
});
