import type { Component } from '../components/component.ts';
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
