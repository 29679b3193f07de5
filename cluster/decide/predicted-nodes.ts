import { canonicalJson } from '../canonical.ts';
import { componentSpec, componentsOf } from '../components/component-spec.ts';
import type { Component } from '../components/component.ts';
import { nodeNamed } from '../declaration/nodes.ts';
import type { ContainerObservation, Observation, ObservedNode } from '../observation.ts';
import { wantedSpec } from './wanted-spec.ts';
import type { Predicting } from './predict.ts';

/** A node that was observed, changed; one that was not stays unknown. */
export function withNode(
  observation: Observation,
  name: string,
  change: (node: ObservedNode) => ObservedNode,
): Observation {
  const seen = observation.nodes[name];
  if (seen?.state === 'observed') return { ...observation, nodes: { ...observation.nodes, [name]: change(seen) } };
  const left = observation.departing?.[name];
  if (left?.seen.state !== 'observed') return observation;
  return { ...observation, departing: { ...observation.departing, [name]: { ...left, seen: change(left.seen) } } };
}

/** A component that runs as it is wanted, and serves. */
export function withContainer(
  { declaration, observation }: Predicting,
  name: string,
  component: Component,
): Observation {
  const node = nodeNamed(declaration, name);
  if (node === undefined || !(component === 'etcd' || componentsOf(declaration, node).includes(component)))
    return observation;
  const wanted = wantedSpec({ declaration, observation, node }, component);
  if (wanted === undefined) return observation;
  const spec = canonicalJson(componentSpec(wanted));
  const container: ContainerObservation = {
    id: `predicted-${component}-${name}`,
    state: 'running',
    upSeconds: 1,
    spec,
    epoch: 0,
    certificates: [],
    health: { state: 'healthy' },
  };
  return withNode(observation, name, (seen) => ({
    ...seen,
    containers: { ...seen.containers, [component]: container },
    damage: withoutKey(seen.damage, component),
    ...(component === 'etcd' && { etcdDirectory: 'intact' as const }),
  }));
}

function withoutKey(damage: ObservedNode['damage'], component: Component): Partial<Record<Component, string>> {
  const { [component]: _gone, ...rest } = damage ?? {};
  return rest;
}

export function withoutContainer({ observation }: Predicting, name: string, component: Component): Observation {
  return withNode(observation, name, (seen) => {
    const { [component]: _gone, ...containers } = seen.containers;
    return { ...seen, containers };
  });
}
