import { optionsOf } from '../declaration/pools.ts';
import { kubernetesNode } from '../view.ts';
import type { Step } from '../steps/step.ts';
import type { Target } from '../steps/base.ts';
import { drain } from './departing.ts';
import { combine, imageOf, nothing, type Contribution, type Facts, type Placement } from './facts.ts';
import { isHealthy } from './placement.ts';

/** Why a kubelet that is to get another version keeps its own for now: its node is to be drained first. */
export function holdForDrain(facts: Facts): (one: Placement) => string | undefined {
  return (one) => {
    if (!wantsDrain(facts, one)) return undefined;
    return drain(facts, one.node.name) === undefined ? undefined : `${one.node.name} is drained first`;
  };
}

interface Upgrading {
  kubelets: Placement[];
  /** Why the kubelet of a node may not be replaced now, drained or not. */
  hold: (one: Placement) => string | undefined;
}

/**
 * Where it is declared, nodes are drained before their kubelet gets another version, a few at a time: one before the new version has
 * proven itself, and none beside one that is not as it should be. Once they are as declared they take pods again.
 */
export function upgradeDrains(facts: Facts, { kubelets, hold }: Upgrading): Contribution {
  const { declaration, observation } = facts;
  const waiting = kubelets.filter(
    (one) => wantsDrain(facts, one) && one.aside === undefined && hold(one) === undefined,
  );
  const begun = waiting.filter(({ node }) => observation.records.drains?.[node.name] !== undefined);
  const fresh = waiting.filter((one) => !begun.includes(one));
  const unwell = kubelets.filter((one) => !isHealthy(one) || one.aside !== undefined).length;
  const proven = kubelets.some((one) => one.drift === undefined && isHealthy(one));
  const most = proven ? declaration.update_strategy.max_concurrent_drains : 1;
  const room = Math.max(0, most - unwell - begun.length);
  return combine([drained(facts, [...begun, ...fresh.slice(0, room)]), uncordoned(facts, kubelets)]);
}

/** A kubelet that runs, whose node has a Node object, and whose version changes: other changes disturb no pod. */
function wantsDrain(facts: Facts, { node, container, drift }: Placement): boolean {
  const { declaration, observation } = facts;
  if (declaration.update_strategy.max_concurrent_drains === 0) return false;
  if (drift === undefined || container?.state !== 'running' || !optionsOf(declaration, node).kubelet.in_place_update)
    return false;
  return (
    imageOf(facts, container) !== declaration.images.kubelet && kubernetesNode(observation, node.name) !== undefined
  );
}

function drained(facts: Facts, placements: Placement[]): Contribution {
  const stages = placements.map(({ node }) => drain(facts, node.name)).filter((stage) => stage !== undefined);
  const targets = stages.flatMap((stage): Target[] => ('target' in stage ? [stage.target] : []));
  const step: Step = { kind: 'drain-node', before: 'upgrade', targets, disruption: 'drain' };
  return {
    ...nothing,
    steps: targets.length === 0 ? [] : [step],
    waits: stages.flatMap((stage) => ('waits' in stage ? stage.waits : [])),
    blockers: stages.flatMap(({ blockers = [] }) => blockers),
  };
}

/** Declared nodes with a drain on record that nothing asks for any more: an upgrade is done, or a node that left was declared again. */
function uncordoned(facts: Facts, kubelets: Placement[]): Contribution {
  const { records } = facts.observation;
  const targets = kubelets.flatMap((one): Target[] => {
    if (records.drains?.[one.node.name] === undefined || wantsDrain(facts, one) || !isHealthy(one)) return [];
    return [{ node: one.node.name, because: 'its kubelet is as declared' }];
  });
  return targets.length === 0
    ? nothing
    : { ...nothing, steps: [{ kind: 'uncordon-node', targets, disruption: 'none' }] };
}
