import type { ApprovalSubject } from '../approval.ts';
import type { Component } from '../components/component.ts';
import { parseImageReference } from '../declaration/image-reference.ts';
import type { ImageName } from '../declaration/images.ts';
import type { ApprovalReason } from '../declaration/maintenance.ts';
import { controlPlanes, nodeNamed } from '../declaration/nodes.ts';
import type { Observation } from '../observation.ts';
import type { ContainerTarget, Target } from '../steps/base.ts';
import type { Step } from '../steps/step.ts';
import { imageOf, usableNode, type Facts } from './facts.ts';

/** Something about a step that a policy may want to be asked about. */
export interface Risk {
  risk: ApprovalReason;
  subject: Omit<ApprovalSubject, 'revision'>;
  because: string;
  /** A person is asked whatever the declaration's policy says. */
  asked?: 'always';
}

/**
 * What is risky about what a step does to one of its targets; empty for most steps. An upgrade is one question for all nodes and
 * all of Kubernetes' components, everything else one for each node.
 */
export function risksOf(step: Step, target: Target | ContainerTarget, facts: Facts): Risk[] {
  return [...removal(step, target, facts), ...upgrade(step, target, facts), ...outage(step, target)];
}

/** Rule 58: a shrink to one control plane. */
const alone = 'one control plane bears no failure, and neither do two on the way there';

/** All steps that take one node out of the cluster, or a control plane out of etcd, are one question. */
function removal(step: Step, { node, because }: Target, { declaration, observation }: Facts): Risk[] {
  if (step.kind === 'remove-etcd-member' && step.manner === 'lost-data') {
    const subject = { kind: 'make-member-anew', target: node, from: `member ${step.memberId}`, to: 'a new member' };
    return [{ risk: 'data-loss', subject, because }];
  }
  if (!takesNodeAway(step)) return [];
  const leaving = observation.departing?.[node]?.node ?? observation.records.nodes?.[node];
  const stays = nodeNamed(declaration, node);
  if (stays !== undefined && step.kind !== 'remove-etcd-member') return [];
  if (step.kind === 'remove-etcd-member' || leaving?.control_plane || mayVote(observation, node)) {
    const to = stays === undefined ? 'gone' : stays.control_plane ? 'a new member' : 'worker';
    const subject = { kind: 'remove-node', target: node, from: 'control plane', to };
    const last = controlPlanes(declaration).length === 1;
    return last
      ? [{ risk: 'control-plane-removal', subject, because: `${because}; ${alone}`, asked: 'always' }]
      : [{ risk: 'control-plane-removal', subject, because }];
  }
  const subject = { kind: 'remove-node', target: node, from: 'worker', to: 'gone' };
  return [{ risk: 'worker-removal', subject, because }];
}

/** A control plane that was declared to be a worker, and left before its member was taken out, is one still. */
function mayVote({ etcd, records }: Observation, node: string): boolean {
  if (etcd.state === 'observed') return etcd.members.some((one) => one.node === node && one.role === 'voter');
  const membership = records.etcd.state === 'never' ? undefined : records.etcd.memberships[node];
  return membership !== undefined && membership.state !== 'removed';
}

const kindsOfDeparture: Step['kind'][] = ['drain-node', 'stop-component', 'remove-node', 'delete-node-object'];

function takesNodeAway(step: Step): boolean {
  if (step.kind === 'remove-etcd-member') return step.manner !== 'learner';
  return kindsOfDeparture.includes(step.kind);
}

function outage({ kind, disruption }: Step, target: Target | ContainerTarget): Risk[] {
  if (disruption !== 'outage') return [];
  const container = 'containerId' in target ? target.containerId?.slice(0, 12) : undefined;
  const subject = { kind, target: target.node, from: container ?? 'as it is', to: target.because };
  return [{ risk: 'outage', subject, because: `nothing else serves meanwhile; ${target.because}` }];
}

/**
 * The image of a component changes its tag or digest: another registry alone is no other version. Where its container is not there, what
 * control planes run tells whether it would be another one.
 */
function upgrade(step: Step, { node }: Target, facts: Facts): Risk[] {
  const component = replacedComponent(step);
  if (component === undefined) return [];
  const made = imageOf(facts, usableNode(facts, node)?.containers[component]);
  const wanted = facts.declaration.images[imageNameOf(component)];
  const to = versionOf(wanted);
  const from = versionOf(made) ?? versionElsewhere(facts, component, to);
  if (from === undefined || to === undefined || from === to) return [];
  const subject = { kind: 'upgrade', target: familyOf(component), from, to };
  return [{ risk: 'version-upgrade', subject, because: `${familyOf(component)} goes from ${from} to ${to}` }];
}

function versionElsewhere(facts: Facts, component: Component, to: string | undefined): string | undefined {
  return controlPlanes(facts.declaration)
    .map(({ name }) => versionOf(imageOf(facts, usableNode(facts, name)?.containers[component])))
    .find((version) => version !== undefined && version !== to);
}

function replacedComponent(step: Step): Component | undefined {
  if (step.kind === 'run-component') return step.component;
  if (step.kind === 'drain-node' && step.before === 'upgrade') return 'kubelet';
  if (step.kind === 'add-etcd-member' || step.kind === 'settle-etcd-member') return 'etcd';
  return step.kind === 'restart-etcd-member' && step.manner === undefined ? 'etcd' : undefined;
}

const imageNameOf = (component: Component): ImageName => (component === 'etcd-rivers' ? 'rivers' : component);

function familyOf(component: Component): string {
  return component.startsWith('kube') ? 'kubernetes' : imageNameOf(component);
}

function versionOf(image: string | undefined): string | undefined {
  const { tag, digest } = parseImageReference(image ?? '') ?? {};
  return digest === undefined ? tag : [tag, digest.slice(0, 19)].filter((part) => part !== undefined).join('@');
}
