import { heldCertificates } from '../certificates/held.ts';
import { overdue } from '../certificates/expiry.ts';
import { components } from '../components/component.ts';
import type { Expiring } from '../plan.ts';
import type { Facts } from './facts.ts';

const most = 20;

/** Certificates that reconcile should have renewed long ago: something keeps it from doing so, and they run out. */
export function overdueCertificates({
  declaration,
  observation,
}: Pick<Facts, 'declaration' | 'observation'>): Expiring[] {
  const { renew_before_hours: hours } = declaration.certificates;
  const found = Object.keys(observation.nodes).flatMap((node) =>
    components.flatMap((component) => {
      const because = overdue(heldCertificates(observation, node, component), observation.at, hours);
      return because === undefined ? [] : [{ node, component, because }];
    }),
  );
  return found.slice(0, most);
}
