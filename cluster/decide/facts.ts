import type { ApprovalFacts } from '../approval.ts';
import { componentSpec } from '../components/component-spec.ts';
import { lifetimesOf, whyRenew } from '../certificates/expiry.ts';
import { takesUp } from '../certificates/holders.ts';
import { heldCertificates } from '../certificates/held.ts';
import { explainDrift } from '../components/drift.ts';
import type { Component } from '../components/component.ts';
import { madeImage } from '../components/made-image.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { ContainerObservation, Observation, ObservedNode } from '../observation.ts';
import type { Blocker, Wait } from '../plan.ts';
import type { Step } from '../steps/step.ts';
import type { ErrorCode } from '../errors.ts';
import { wantedSpec } from './wanted-spec.ts';

/** What one operation has tried in vain: left alone until the next operation, and reported. */
export interface SetAside {
  step: Step['kind'];
  /** Absent: the step is about no one node. */
  node?: string;
  component?: Component;
  code: ErrorCode;
  because: string;
  fix?: string;
}

export interface Facts {
  declaration: Declaration;
  observation: Observation;
  setAside: SetAside[];
  /** What people have said yes or no to; absent: nobody was asked, and what needs a yes waits. */
  approvals?: ApprovalFacts;
  /** How containers are compared with what is wanted; a caller that compares the same ones over and over may remember. */
  compare?: Compare;
  /** How the image is read from a label; the same. */
  readImage?: typeof madeImage;
  /** What this decision has looked at already: many rules ask about the same containers. decide() begins with nothing. */
  looked?: Looked;
}

export type Looked = Map<Component, Map<NodeDeclaration, Placement | undefined>>;

/** Why a container with this label is not what a component must be on a node; undefined when it is. */
export type Compare = (wanted: Parameters<typeof componentSpec>[0], label: string | undefined) => string | undefined;

/** What a phase contributes to the plan. */
export interface Contribution {
  steps: Step[];
  blockers: Blocker[];
  waits: Wait[];
  /** What waits for something else in the plan: a wait while anything moves, a blocker when nothing else does. */
  held: Held[];
}

export interface Held {
  gate: string;
  node: string;
  component: Component;
  because: string;
}

/** A phase of decide(): facts in, steps with their reasons out. Pure and total. */
export type PhaseRule = (facts: Facts) => Contribution;

export const nothing: Contribution = { steps: [], blockers: [], waits: [], held: [] };

export function combine(all: Contribution[]): Contribution {
  const contributions = all.filter((one) => one !== nothing);
  if (contributions.length === 0) return nothing;
  return {
    steps: contributions.flatMap(({ steps }) => steps),
    blockers: contributions.flatMap(({ blockers }) => blockers),
    waits: contributions.flatMap(({ waits }) => waits),
    held: contributions.flatMap(({ held }) => held),
  };
}

/** The image that a container was made from, by its label. */
export function imageOf({ readImage = madeImage }: Facts, container: ContainerObservation | undefined) {
  return readImage(container?.spec);
}

/** The node as observed, or undefined when it can't be reached or could not be prepared. */
export function usableNode(facts: Facts, name: string): ObservedNode | undefined {
  const seen = facts.observation.nodes[name];
  if (seen?.state !== 'observed') return undefined;
  return facts.setAside.some(({ node, step }) => node === name && step === 'prepare-nodes') ? undefined : seen;
}

/** Whether preflight has passed and the file container stands: nothing else may touch the node before. */
export function isPrepared(node: ObservedNode): boolean {
  return node.preflight === 'passed';
}

/** A component on one node: what stands there, and how it differs from what is wanted. */
export interface Placement {
  node: NodeDeclaration;
  component: Component;
  container: ContainerObservation | undefined;
  /** The field that differs, from → to; undefined when the container has the wanted spec (or there is none). */
  drift: string | undefined;
  /** Why its file set is to be made anew while it runs on: certificates that it takes up by itself, or damaged files. */
  renewal?: string;
  /** What this operation already tried in vain here. */
  aside: SetAside | undefined;
}

/** Looks at a component on each of `nodes` that can be used and was prepared, or where it was tried in vain already. */
export function placements(facts: Facts, component: Component, nodes: NodeDeclaration[]): Placement[] {
  const known = facts.looked?.get(component) ?? new Map<NodeDeclaration, Placement | undefined>();
  facts.looked?.set(component, known);
  const found: Placement[] = [];
  for (const node of nodes) {
    if (!known.has(node)) known.set(node, placementOn(facts, component, node));
    const placement = known.get(node);
    if (placement !== undefined) found.push(placement);
  }
  return found;
}

function placementOn(facts: Facts, component: Component, node: NodeDeclaration): Placement | undefined {
  const aside = facts.setAside.find(
    (entry) => entry.node === node.name && entry.component === component && entry.step !== 'renew-certificates',
  );
  const seen = usableNode(facts, node.name);
  if (seen === undefined || !isPrepared(seen))
    return aside && { node, component, container: undefined, drift: undefined, aside };
  const container = seen.containers[component];
  const difference = container && differenceOf(facts, { node, component, container, seen });
  return { node, component, container, drift: undefined, aside, ...difference };
}

interface Standing {
  node: NodeDeclaration;
  component: Component;
  container: ContainerObservation;
  seen: ObservedNode;
}

/** How what stands there differs, and whether that needs another container. */
function differenceOf(facts: Facts, standing: Standing): Pick<Placement, 'drift' | 'renewal'> {
  const drift = driftOf(facts, standing);
  if (drift !== undefined) return { drift };
  const { node, component, container, seen } = standing;
  const { declaration, observation } = facts;
  const why =
    seen.damage?.[component] ??
    whyRenew({
      certificates: heldCertificates(observation, node.name, component),
      node: node.name,
      at: observation.at,
      ...lifetimesOf(declaration),
      ...(observation.records.rotations && { rotations: observation.records.rotations }),
    });
  if (why === undefined) return { drift: undefined };
  const inVain = facts.setAside.some((entry) => isRenewal(entry, standing) && entry.code === 'NotHealthy');
  if (takesUp(component) === 'restart' || container.state !== 'running') return { drift: why };
  return inVain ? { drift: `${why}, and it goes on with the old one` } : { drift: undefined, renewal: why };
}

const isRenewal = ({ step, ...aside }: SetAside, { node, component }: Standing): boolean =>
  step === 'renew-certificates' && aside.node === node.name && aside.component === component;

function driftOf(
  { declaration, observation, compare = explain }: Facts,
  { node, component, container }: Standing,
): string | undefined {
  const wanted = wantedSpec({ declaration, observation, node }, component);
  if (wanted === undefined) return undefined;
  return compare(wanted, container.spec);
}

const explain: Compare = (wanted, label) => explainDrift(componentSpec(wanted), label);

/** Names of control planes that can't be observed or used now. */
export function missingControlPlanes(facts: Facts): string[] {
  return controlPlanes(facts.declaration)
    .filter((node) => usableNode(facts, node.name) === undefined)
    .map(({ name }) => name);
}
