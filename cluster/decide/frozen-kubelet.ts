import { canonicalJson } from '../canonical.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { flagValue } from '../declaration/extra-args.ts';
import { optionsOf, poolOf } from '../declaration/pools.ts';
import { problemAt, type PathStep, type Problem } from '../declaration/problem.ts';
import type { ConfigDocument } from '../declaration/service-options.ts';
import type { ClusterView } from '../view.ts';
import { crashLoopRestarts } from './placement.ts';

interface Frozen {
  field: string;
  /** The flag that says the same, and holds against the field. */
  flag: string;
  /** What holds where neither is there. */
  otherwise: string;
}

/** Fields that CKE keeps as they are in a kubelet that runs (reference §1.7): its pods were started with them. */
const frozen: Frozen[] = [
  { field: 'kubeletCgroups', flag: 'kubelet-cgroups', otherwise: 'nothing' },
  { field: 'systemCgroups', flag: 'system-cgroups', otherwise: 'nothing' },
  { field: 'cgroupRoot', flag: 'cgroup-root', otherwise: 'nothing' },
  { field: 'cgroupsPerQOS', flag: 'cgroups-per-qos', otherwise: 'true' },
  { field: 'cgroupDriver', flag: 'cgroup-driver', otherwise: 'the container runtime’s' },
  { field: 'cpuManagerPolicy', flag: 'cpu-manager-policy', otherwise: 'none' },
  { field: 'topologyManagerPolicy', flag: 'topology-manager-policy', otherwise: 'none' },
  { field: 'qosReserved', flag: 'qos-reserved', otherwise: 'nothing' },
  { field: 'systemReservedCgroup', flag: 'system-reserved-cgroup', otherwise: 'nothing' },
  { field: 'kubeReservedCgroup', flag: 'kube-reserved-cgroup', otherwise: 'nothing' },
];

/** A frozen field that a node which stays would get another value of. */
interface FrozenChange {
  node: string;
  field: string;
  steps: PathStep[];
  from: string;
  to: string;
}

interface Change {
  accepted: Declaration;
  wished: Declaration;
}

/** Whether a change touches a frozen field of any node: only then have kubelets to be looked at. */
export function changesFrozenFields(change: Change): boolean {
  return frozenChanges(change).length > 0;
}

/**
 * Refuses another value of a frozen field where kubelet runs, or where that can't be seen. Where it doesn't run (never started, stopped,
 * a crash loop that the old value may be the cause of) it starts with the new one, as under CKE.
 */
export function judgeFrozenFields({ view, ...change }: Change & { view: Pick<ClusterView, 'nodes'> }): Problem[] {
  const refused = frozenChanges(change).filter(({ node }) => !isKubeletStopped(view, node));
  const alike = Map.groupBy(refused, ({ steps, from, to }) => canonicalJson([steps, from, to]));
  return [...alike.values()].flatMap((changes) => {
    const [first] = changes;
    return first === undefined ? [] : [refusal(first, listed(changes.map(({ node }) => node)))];
  });
}

function refusal({ steps, field, from, to }: FrozenChange, nodes: string): Problem {
  const hint =
    `${field} ${from} → ${to} under the running kubelet of ${nodes}, whose pods were started with the old one: drain the node and ` +
    'stop its kubelet first (cke-client pause --node), or take the node out and add it anew; for all nodes, move one after the other into a pool that has the new value';
  return problemAt(steps, to, { code: 'frozen-field', want: from, hint });
}

function frozenChanges({ accepted, wished }: Change): FrozenChange[] {
  const before = new Map(accepted.nodes.map((node) => [node.name, node]));
  return wished.nodes.flatMap((node, index) => {
    const old = before.get(node.name);
    if (old === undefined) return [];
    const [is, wanted] = [optionsOf(accepted, old).kubelet, optionsOf(wished, node).kubelet];
    return frozen.flatMap((one) => {
      const from = saidOf(is, one) ?? one.otherwise;
      const to = saidOf(wanted, one) ?? one.otherwise;
      if (from === to) return [];
      const steps = old.pool === node.pool ? placeOf({ accepted, wished }, node, one) : ['nodes', index, 'pool'];
      return [{ node: node.name, field: one.field, steps, from, to }];
    });
  });
}

interface Settings {
  extra_args: string[];
  config?: ConfigDocument;
}

function saidOf({ extra_args, config }: Settings, { field, flag }: Frozen): string | undefined {
  const value = flagValue(extra_args, flag) ?? config?.[field];
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** Where the value stands, or stood: in the node's pool, or in the options of all. */
function placeOf({ accepted, wished }: Change, node: NodeDeclaration, one: Frozen): PathStep[] {
  const layers = [accepted, wished].flatMap((declaration) => poolOf(declaration, node)?.kubelet ?? []);
  const inPool = layers.some((kubelet) => saidOf(kubelet, one) !== undefined);
  const index = wished.pools.findIndex(({ name }) => name === node.pool);
  const above: PathStep[] = inPool ? ['pools', index, 'kubelet'] : ['options', 'kubelet'];
  const isFlag = flagValue(optionsOf(wished, node).kubelet.extra_args, one.flag) !== undefined;
  return isFlag ? [...above, 'extra_args'] : [...above, 'config', one.field];
}

const stoppedStates = ['absent', 'created', 'exited', 'dead', 'restarting'];

function isKubeletStopped({ nodes }: Pick<ClusterView, 'nodes'>, name: string): boolean {
  const components = nodes.find((node) => node.name === name)?.components ?? [];
  const kubelet = components.find(({ component }) => component === 'kubelet');
  if (kubelet === undefined) return false;
  const isCrashing = (kubelet.restarts ?? 0) >= crashLoopRestarts && kubelet.health !== 'healthy';
  return stoppedStates.includes(kubelet.state) || isCrashing;
}

function listed(names: string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
