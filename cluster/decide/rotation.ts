import { pluginAuthority } from '../certificates/certificate.ts';
import { tokenSigner, type Rotatable, type Rotation } from '../certificates/trust.ts';
import { componentsOf, componentSpec, runs } from '../components/component-spec.ts';
import { explainDrift } from '../components/drift.ts';
import type { Component } from '../components/component.ts';
import type { FileSpec } from '../components/spec.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import type { Observation } from '../observation.ts';
import { describeResource } from '../resources/user/resource-key.ts';
import { wantedSpec } from './wanted-spec.ts';

/** What keeps a stage of a rotation from being complete. */
export interface Missing {
  node?: string;
  component?: Component;
  /** A sentence, node and component included. */
  because: string;
}

export interface RotationFacts {
  declaration: Declaration;
  observation: Observation;
  of: Rotatable;
  rotation: Rotation;
}

/**
 * What is missing until the stage is complete on every declared node: each component that holds something of the authority must
 * run with what this stage wants. What can't be observed is missing (rule C-01), unless a person has left its node out. Nodes
 * that are leaving count too: they still talk to the others.
 */
export function missingForStage(facts: RotationFacts): Missing[] {
  const { declaration, observation, rotation } = facts;
  const counts = (name: string) => !rotation.without.includes(name);
  const here = declaration.nodes.filter(({ name }) => counts(name)).flatMap((node) => missingOn(facts, node));
  const leaving = Object.keys(observation.departing ?? {})
    .filter(counts)
    .map((node) => ({ node, because: `${node} is leaving the cluster and still holds what was trusted before` }));
  return [...here, ...leaving, ...stillValid(facts), ...missingInResources(facts)];
}

function missingOn(facts: RotationFacts, node: NodeDeclaration): Missing[] {
  const { declaration, observation, of } = facts;
  const seen = observation.nodes[node.name];
  if (seen?.state !== 'observed')
    return [{ node: node.name, because: `${node.name} can't be observed: ${seen?.because ?? 'it was not looked at'}` }];
  const wanted = componentsOf(declaration, node).flatMap((component): Missing[] => {
    const made = wantedSpec({ declaration, observation, node }, component);
    const say = (because: string) => [
      { node: node.name, component, because: `${component} on ${node.name}: ${because}` },
    ];
    if (made === undefined) return say('it is no member yet');
    const spec = componentSpec(made);
    if (!spec.files.some((file) => concerns(file, of))) return [];
    const container = seen.containers[component];
    if (container === undefined) return say('it is not there');
    const drift = explainDrift(spec, container.spec);
    if (drift !== undefined) return say(drift);
    if (container.state !== 'running') return say(`it is ${container.state}`);
    return container.health.state === 'healthy' ? [] : say(container.health.because);
  });
  return [...wanted, ...leftPlugin(facts, node)];
}

/**
 * A plugin that is not declared any more runs for as long as API servers ask it, and nobody brings it another certificate: the old CA must not
 * be forgotten under it (rule C-01).
 */
function leftPlugin({ declaration, observation, of }: RotationFacts, node: NodeDeclaration): Missing[] {
  const seen = observation.nodes[node.name];
  if (of !== pluginAuthority || seen?.state !== 'observed' || runs(declaration, node, 'vault-kms')) return [];
  if (seen.containers['vault-kms'] === undefined) return [];
  const because = `vault-kms on ${node.name}: it is not declared any more and keeps its certificate until API servers do without it: cke-client secrets rotate-key`;
  return [{ node: node.name, component: 'vault-kms', because }];
}

/** Whether a file holds a certificate, a CA or a key of what is rotated. */
function concerns(file: FileSpec, of: Rotatable): boolean {
  switch (file.content) {
    case 'authority':
      return file.authority === of;
    case 'certificate':
    case 'private-key':
      return file.certificate.authority === of;
    case 'kubeconfig':
      return of === 'kubernetes' || file.certificate.authority === of;
    case 'service-account':
      return of === tokenSigner;
    default:
      return false;
  }
}

/** Webhooks and their Secrets among the objects of users. */
function missingInResources({ observation: { kubernetes }, of }: RotationFacts): Missing[] {
  if (kubernetes.state !== 'observed' || kubernetes.resources === undefined) return [];
  const { outdated, refused, unknown } = kubernetes.resources;
  const holding = [...outdated, ...refused].filter(({ holds }) => holds === of);
  const unseen = of === 'kubernetes-webhook' ? unknown : [];
  return [
    ...holding.map(({ key, because }) => ({ because: `${describeResource(key)}: ${because}` })),
    ...unseen.map(({ kind, because }) => ({ because: `resources of ${kind} can't be observed: ${because}` })),
  ];
}

/** Rule C-06: the old key verifies for as long as a token that it has signed may be in use. */
function stillValid({ declaration, observation, rotation }: RotationFacts): Missing[] {
  if (rotation.stage !== 'overlap') return [];
  const end = Date.parse(rotation.since) + declaration.ca_rotation.token_overlap_hours * 3_600_000;
  if (Date.parse(observation.at) >= end) return [];
  const until = new Date(end).toISOString();
  return [{ because: `tokens that ${rotation.from} has signed may be in use until ${until}` }];
}
