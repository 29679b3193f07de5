import { Gauge, type Registry } from 'prom-client';
import { lifetimesOf, renewsAt } from '../cluster/certificates/expiry.ts';
import { allHeld } from '../cluster/certificates/held.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Observation } from '../cluster/observation.ts';

/** Gauges of the certificates on nodes, as of the last look of this worker at each cluster. Times are Unix seconds. */
export function certificateGauges(registry: Registry) {
  const labelNames = ['cluster', 'node', 'component', 'kind'];
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers: [registry] });
  const expiry = gauge('cke_certificate_expiry_timestamp_seconds', 'When a certificate on a node ends');
  const renewal = gauge('cke_certificate_renewal_timestamp_seconds', 'When it is renewed by itself');
  const generation = gauge('cke_certificate_generation', 'Rotations asked for when it was issued, plus one');
  const looked = new Gauge({
    name: 'cke_look_timestamp_seconds',
    help: 'When this worker last looked at a cluster: among several workers the latest one knows',
    labelNames: ['cluster'],
    registers: [registry],
  });
  const shown = new Map<string, Record<string, string>[]>();

  return ({ declaration, observation }: { declaration: Declaration; observation: Observation }): void => {
    const cluster = declaration.name;
    const { renewBeforeHours } = lifetimesOf(declaration);
    for (const labels of shown.get(cluster) ?? []) for (const one of [expiry, renewal, generation]) one.remove(labels);
    const current = allHeld({ declaration, observation }).map(({ node, component, certificate }) => {
      const labels = { cluster, node, component, kind: certificate.kind };
      expiry.set(labels, Date.parse(certificate.notAfter) / 1000);
      renewal.set(labels, renewsAt(certificate, renewBeforeHours) / 1000);
      generation.set(labels, certificate.generation ?? 1);
      return labels;
    });
    shown.set(cluster, current);
    looked.set({ cluster }, Date.parse(observation.at) / 1000);
  };
}
