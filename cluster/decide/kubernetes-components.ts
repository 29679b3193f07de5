import { componentsOf } from '../components/component-spec.ts';
import { components } from '../components/component.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { Step, Wait } from '../plan.ts';
import { kubernetesNode } from '../view.ts';
import { holdForApiServers, someApiServerServes } from './api-servers.ts';
import {
  combine,
  placements,
  usableNode,
  type Contribution,
  type Facts,
  type PhaseRule,
  type Placement,
} from './facts.ts';
import { hasWantedSpec, isHealthy } from './placement.ts';
import { rollOut } from './rollout.ts';

/** Seconds after its start within which a kubelet has registered its node. */
const registrationSeconds = 60;

/** controller-manager, scheduler, kubelet and kube-proxy: all at once, each by its own rollout, once an API server serves. */
export const kubernetesComponents: PhaseRule = (facts) => {
  if (!someApiServerServes(facts))
    return { steps: [], blockers: [], waits: [{ on: 'API servers', because: 'none serves yet' }] };
  const { declaration } = facts;
  const hold = holdForApiServers(facts);
  const masters = controlPlanes(declaration);
  const atOnce = declaration.update_strategy.max_concurrent_updates;
  const proxied = declaration.nodes.filter((node) => componentsOf(declaration, node).includes('kube-proxy'));
  const kubelets = placements(facts, 'kubelet', declaration.nodes);
  return combine([
    rollOut(placements(facts, 'kube-controller-manager', masters), { atOnce: 1, hold }),
    rollOut(placements(facts, 'kube-scheduler', masters), { atOnce: 1, hold }),
    rollOut(kubelets, { atOnce, hold: (one) => hold(one) ?? keepRunning(facts) }),
    unregistered(facts, kubelets),
    rollOut(placements(facts, 'kube-proxy', proxied), { atOnce, hold }),
  ]);
};

function keepRunning({ declaration }: Facts): string | undefined {
  return declaration.options.kubelet.in_place_update ? undefined : 'in_place_update is false';
}

/** A kubelet registers its node only when it starts: without a Node object it is started anew (CKE: KubeletUnrecognized). */
function unregistered(facts: Facts, kubelets: Placement[]): Contribution {
  if (facts.observation.kubernetes.state !== 'observed') return combine([]);
  const lost = kubelets.filter(
    (one) => hasWantedSpec(one) && isHealthy(one) && kubernetesNode(facts.observation, one.node.name) === undefined,
  );
  const waits: Wait[] = lost.map(({ node }) => ({ on: node.name, because: 'its kubelet has not registered it yet' }));
  const targets = lost
    .filter(({ container, aside }) => (container?.upSeconds ?? 0) > registrationSeconds && aside === undefined)
    .map(({ node, container }) => ({
      node: node.name,
      because: 'its Node object is gone',
      ...(container && { containerId: container.id }),
    }));
  if (targets.length === 0) return { steps: [], blockers: [], waits };
  return {
    steps: [{ kind: 'run-component', component: 'kubelet', targets, disruption: 'restart' }],
    blockers: [],
    waits,
  };
}

/** Containers of ours that a node should not run (kube-proxy after it was disabled, a control plane on a worker). etcd is not among them. */
export const unexpectedComponents: PhaseRule = (facts) => {
  const steps = components.flatMap((component): Step[] => {
    if (component === 'etcd') return [];
    const targets = facts.declaration.nodes.flatMap((node) => {
      const container = usableNode(facts, node.name)?.containers[component];
      if (container === undefined || componentsOf(facts.declaration, node).includes(component)) return [];
      return [{ node: node.name, because: `${node.name} is not to run it`, containerId: container.id }];
    });
    return targets.length === 0 ? [] : [{ kind: 'stop-component', component, targets, disruption: 'restart' }];
  });
  return { steps, blockers: [], waits: [] };
};
