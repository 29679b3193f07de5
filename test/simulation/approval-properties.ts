import type { ApprovalSubject } from '../../cluster/approval.ts';
import type { Component } from '../../cluster/components/component.ts';
import { parseImageReference } from '../../cluster/declaration/image-reference.ts';
import type { ApprovalReason } from '../../cluster/declaration/maintenance.ts';
import { controlPlanes, nodeNamed } from '../../cluster/declaration/nodes.ts';
import type { Decision } from './calls.ts';
import { memberOn } from './model/etcd.ts';
import { directoryState } from './model/observe.ts';
import { serves } from './model/serving.ts';
import { imageOf } from './model/versions.ts';
import { hostOf, violate, type Host, type ModelContainer, type World } from './model/world.ts';

/** P11: nothing that the policy wants a yes for happens without one that held when it was decided, for exactly this. */
interface Doing {
  world: World;
  decision: Decision | undefined;
}

interface Demand {
  risk: ApprovalReason;
  subject: Partial<ApprovalSubject>;
  what: string;
}

function demand({ world, decision }: Doing, { risk, subject, what }: Demand): void {
  if (decision === undefined || !asksFor(decision, risk)) return;
  const wanted = Object.entries({ ...subject, revision: decision.revision });
  const allowed = decision.approved.some((one) =>
    wanted.every(([field, value]) => one[field as keyof ApprovalSubject] === value),
  );
  if (!allowed) violate(world, 'P11', `${what}, and nobody has said yes to ${JSON.stringify(subject)}`);
}

/** Rule 58: for the way to one control plane a person is asked whatever the policy says. */
function asksFor({ declaration }: Decision, risk: ApprovalReason): boolean {
  const last = risk === 'control-plane-removal' && controlPlanes(declaration).length === 1;
  return last || declaration.approvals.required_for.includes(risk);
}

/** Right before a member is taken out of etcd. A learner holds nothing. */
export function mayLeaveEtcd(doing: Doing, memberId: string): void {
  const { world, decision } = doing;
  const member = world.etcd.members.find((one) => one.memberId === memberId);
  if (member?.role !== 'voter' || decision === undefined) return;
  const { node } = member;
  const what = `the voter on ${node} was removed`;
  const stays = nodeNamed(decision.declaration, node);
  const isLost = stays?.control_plane === true && directoryState(world, hostOf(world, node)) !== 'intact';
  if (isLost) {
    const subject = { kind: 'make-member-anew', target: node, from: `member ${memberId}` };
    return demand(doing, { risk: 'data-loss', subject, what });
  }
  const to = stays === undefined ? 'gone' : stays.control_plane ? 'a new member' : 'worker';
  demand(doing, { risk: 'control-plane-removal', subject: { kind: 'remove-node', target: node, to }, what });
}

/** Right before something of a node that has left is taken away. */
export function mayTakeApart(doing: Doing, node: string, what: string): void {
  const { decision, world } = doing;
  if (decision === undefined || nodeNamed(decision.declaration, node) !== undefined) return;
  const votes = memberOn(world, node)?.role === 'voter';
  const risk = votes || world.records.nodes?.[node]?.control_plane ? 'control-plane-removal' : 'worker-removal';
  demand(doing, { risk, subject: { kind: 'remove-node', target: node, to: 'gone' }, what: `${what} on ${node}` });
}

interface Stopping extends Doing {
  host: Host;
  container: ModelContainer;
}

/** Right before we stop a container. `wanted` is the text of the spec that comes in its place; undefined when none does. */
export function mayStop(stopping: Stopping, wanted: string | undefined): void {
  const { host, container, world } = stopping;
  const { component } = container;
  // Members come and go by their own rules, and nobody misses those of a first start.
  if (component === 'etcd' && (wanted === undefined || world.records.etcd.state !== 'done')) return;
  if (wanted === undefined) return mayTakeApart(stopping, host.name, `${component} was stopped`);
  mayUpgrade(stopping, wanted);
  if (isOutage(stopping)) {
    const kind = component === 'etcd' ? 'restart-etcd-member' : 'run-component';
    const subject = { kind, target: host.name, from: container.id.slice(0, 12) };
    demand(stopping, {
      risk: 'outage',
      subject,
      what: `${component} on ${host.name} was stopped and nothing else serves`,
    });
  }
}

function mayUpgrade(stopping: Stopping, wanted: string): void {
  const { host, container, world } = stopping;
  const [from, to] = [container.spec, wanted].map((spec) => parseImageReference(imageOf(world, spec))?.tag);
  if (from === undefined || to === undefined || from === to) return;
  const subject = { kind: 'upgrade', target: familyOf(container.component), from, to };
  demand(stopping, { risk: 'version-upgrade', subject, what: `${container.component} on ${host.name} got ${to}` });
}

const familyOf = (component: Component): string => (component.startsWith('kube') ? 'kubernetes' : component);

/** The only API server, or one of two members, that has served for a while: what has just come up was not known to serve. */
function isOutage({ world, decision, host, container }: Stopping): boolean {
  const { component, startedAt } = container;
  if (world.now - startedAt < 10 || !serves(world, host, component)) return false;
  if (component === 'etcd') return memberOn(world, host.name)?.role === 'voter' && world.etcd.members.length <= 2;
  return component === 'kube-apiserver' && decision !== undefined && controlPlanes(decision.declaration).length === 1;
}
