import { componentsOf } from '../components/component-spec.ts';
import type { Component } from '../components/component.ts';
import type { Declaration } from '../declaration/declaration.ts';
import type { Observation } from '../observation.ts';
import type { IssuedCertificate } from './certificate.ts';

/** The certificates that a component on a node works with now: those that it was started with, or has been seen to take up since. */
export function heldCertificates(
  { nodes, records }: Pick<Observation, 'nodes' | 'records'>,
  node: string,
  component: Component,
): IssuedCertificate[] {
  const seen = nodes[node];
  const container = seen?.state === 'observed' ? seen.containers[component] : undefined;
  if (container === undefined) return [];
  const taken = records.takenUp?.[component]?.[node];
  return taken?.containerId === container.id ? taken.certificates : container.certificates;
}

/** All of them, of the declared nodes that were seen. */
export function allHeld({
  declaration,
  observation,
}: {
  declaration: Declaration;
  observation: Pick<Observation, 'nodes' | 'records'>;
}): { node: string; component: Component; certificate: IssuedCertificate }[] {
  return declaration.nodes.flatMap((node) =>
    componentsOf(declaration, node).flatMap((component) =>
      heldCertificates(observation, node.name, component).map((certificate) => ({
        node: node.name,
        component,
        certificate,
      })),
    ),
  );
}
