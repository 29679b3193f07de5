import { kubernetesNode } from '../view.ts';
import type { DepartingNode, DrainRecord, KubernetesNode, Observation } from '../observation.ts';
import type { Blocker, Wait } from '../plan.ts';
import type { Step } from '../steps/step.ts';
import type { Target } from '../steps/base.ts';
import { nothing, type Contribution, type Facts } from './facts.ts';
import { secondsBetween } from './seconds-between.ts';
import { whyNotWithdrawn } from './withdrawal.ts';

/** Seconds between two attempts to evict what has refused. */
const evictionPauseSeconds = 5;

/** The same after the drain has taken longer than it may: somebody has to look, and it goes on all the same. */
const latePauseSeconds = 30;

/** How long a drain may take where the declaration says nothing. */
const drainSeconds = 600;

/** After so long Kubernetes itself gives up the pods of a node that is not Ready (the tolerations that every pod has by default). */
const givenUpSeconds = 300;

/** Whether a node was prepared once and is not declared any more. */
export function isDeparted({ observation }: Pick<Facts, 'observation'>, node: string): boolean {
  return observation.departing?.[node] !== undefined;
}

/**
 * Nodes that have left the declaration: drained with respect for PodDisruptionBudgets, then freed of all that is ours, and
 * forgotten. One that can't be reached loses its Node object and stays on record: it is cleaned on contact (R6), and holds up
 * nothing.
 */
export function departures(facts: Facts): Contribution & { notes: string[] } {
  const found = Object.entries(facts.observation.departing ?? {}).map(([name, one]) => departure(facts, name, one));
  const acts = found.filter(isAct);
  const targets = (kind: Act['kind']): Target[] => acts.filter((act) => act.kind === kind).map(({ target }) => target);
  const steps: Step[] = (['drain-node', 'remove-node', 'delete-node-object'] as const).flatMap((kind): Step[] => {
    const of = targets(kind);
    if (of.length === 0) return [];
    if (kind === 'drain-node') return [{ kind, before: 'departure', targets: of, disruption: 'drain' }];
    return [{ kind, targets: of, disruption: 'none' }];
  });
  return {
    ...nothing,
    steps,
    waits: found.flatMap((stage) => (stage.kind === 'wait' ? stage.waits : [])),
    blockers: found.flatMap((stage) => stage.blockers ?? []),
    held: found.flatMap((stage) => (stage.kind === 'held' ? stage.held : [])),
    notes: found.flatMap((stage) => (stage.kind === 'note' ? stage.note : [])),
  };
}

export interface Act {
  kind: 'drain-node' | 'remove-node' | 'delete-node-object';
  target: Target;
}

export type Stage = { blockers?: Blocker[] } & (
  Act | { kind: 'wait'; waits: Wait[] } | { kind: 'held'; held: Contribution['held'] } | { kind: 'note'; note: string }
);

const isAct = (stage: Stage): stage is Act & { blockers?: Blocker[] } => 'target' in stage;

function departure(facts: Facts, name: string, { seen }: DepartingNode): Stage {
  const { observation } = facts;
  if (observation.kubernetes.state !== 'observed') return held(name, `Kubernetes can't be observed`);
  const live = kubernetesNode(observation, name);
  const undrained = live !== undefined && mayBeDrained(observation, live, seen) ? drain(facts, name) : undefined;
  if (undrained) return undrained;
  const because = 'it has left the declaration';
  if (seen.state === 'observed') {
    const whyNot = whyNotWithdrawn(facts, name) ?? whyEtcdStays(observation, name);
    return whyNot === undefined ? { kind: 'remove-node', target: { node: name, because } } : held(name, whyNot);
  }
  if (live) return { kind: 'delete-node-object', target: { node: name, because: `${because}, and can't be reached` } };
  return { kind: 'note', note: `${name} has left and can't be reached (${seen.because}): it is cleaned on contact` };
}

/** A kubelet that misses a moment ends its pods when it is back; one that is gone never does, nor does one whose machine is off. */
function mayBeDrained({ at }: Observation, live: KubernetesNode, seen: DepartingNode['seen']): boolean {
  if (live.ready === 'true') return true;
  if (seen.state !== 'observed') return false;
  return live.readySince !== undefined && secondsBetween(live.readySince, at) <= givenUpSeconds;
}

/** W-08: nothing is taken away beside a member that counts, or whose directory was not put away yet. */
function whyEtcdStays({ records }: Observation, name: string): string | undefined {
  const membership = records.etcd.state === 'never' ? undefined : records.etcd.memberships[name];
  return membership && `its etcd member ${membership.memberId ?? ''} goes first`;
}

/** What is still to be done to empty a node; undefined when nothing is. */
export function drain(facts: Facts, name: string): Stage | undefined {
  const { kubernetes, records, at } = facts.observation;
  const pods = kubernetes.state === 'observed' ? (kubernetes.podsToEvict?.[name] ?? []) : [];
  const record = records.drains?.[name];
  const cordoned = kubernetesNode(facts.observation, name)?.schedulable === 'no';
  const left = pods.length === 1 ? '1 pod is to go' : `${pods.length} pods are to go`;
  if (record === undefined || !cordoned) return { kind: 'drain-node', target: { node: name, because: left } };
  if (pods.length === 0) return undefined;
  const spent = secondsBetween(record.since, at);
  const limit = facts.declaration.reboot?.eviction_timeout_seconds ?? drainSeconds;
  const late = spent > limit ? [tooLong({ facts, name, pods, record, spent, limit })] : [];
  const pause = late.length > 0 ? latePauseSeconds : evictionPauseSeconds;
  if (secondsBetween(record.at, at) >= pause)
    return { kind: 'drain-node', target: { node: name, because: left }, blockers: late };
  const waits =
    late.length > 0 ? [] : pods.slice(0, 20).map((pod) => ({ on: pod, because: reasonOf(record, pod, name) }));
  return { kind: 'wait', waits, blockers: late };
}

function reasonOf({ refused }: DrainRecord, pod: string, node: string): string {
  const said = refused.find((one) => one.pod === pod);
  return said ? `not evicted from ${node} yet: ${said.because}` : `it is being ended on ${node}`;
}

interface Late {
  facts: Facts;
  name: string;
  pods: string[];
  record: DrainRecord;
  spent: number;
  limit: number;
}

function tooLong({ facts, name, pods, record, spent, limit }: Late): Blocker {
  const each = pods.slice(0, 5).map((pod) => `${pod}: ${reasonOf(record, pod, name)}`);
  return {
    gate: 'drain',
    code: 'NotHealthy',
    node: name,
    because: `${name} is not drained after ${spent} of ${limit} s: ${pods.length} pods are left (${each.join('; ')})`,
    fix: `let these pods go (their PodDisruptionBudget, more replicas, kubectl delete pod)${isDeparted(facts, name) ? `, or declare ${name} again` : ''}`,
  };
}

function held(node: string, because: string): Stage {
  return {
    kind: 'held',
    held: [{ gate: 'departure', node, component: 'kubelet', because: `${node} leaves: ${because}` }],
  };
}
