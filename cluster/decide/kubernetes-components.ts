import { componentsOf } from '../components/component-spec.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { optionsOf } from '../declaration/pools.ts';
import { barForOlderServers, holdForApiServers, someApiServerServes } from './api-servers.ts';
import {
  combine,
  nothing,
  placements,
  type Contribution,
  type Facts,
  type PhaseRule,
  type Placement,
} from './facts.ts';
import { kubeletRegistration } from './kubelet-registration.ts';
import { isHealthy } from './placement.ts';
import { holdForDrain, upgradeDrains } from './upgrade-drains.ts';
import { rollOutByPool } from './pool-rollout.ts';
import { rollOut, type RolloutLimits } from './rollout.ts';

/** controller-manager, scheduler, kubelet and kube-proxy: all at once, each by its own rollout, once an API server serves. */
export const kubernetesComponents: PhaseRule = (facts) => {
  if (!someApiServerServes(facts)) return noServer(facts);
  const { declaration } = facts;
  const [hold, bar] = [holdForApiServers(facts), barForOlderServers(facts)];
  const toBeDrained = holdForDrain(facts);
  const atOnce = declaration.update_strategy.max_concurrent_updates;
  const proxied = declaration.nodes.filter((node) => componentsOf(declaration, node).includes('kube-proxy'));
  const kubelets = placements(facts, 'kubelet', declaration.nodes);
  return combine([
    leaderElected(facts, 'kube-controller-manager', { hold, bar }),
    leaderElected(facts, 'kube-scheduler', { hold, bar }),
    upgradeDrains(facts, { kubelets, hold }),
    rollOutByPool(declaration, kubelets.filter(mayUpdate(facts)), {
      atOnce,
      hold: (one) => hold(one) ?? toBeDrained(one),
      bar,
    }),
    kubeletRegistration(facts, kubelets),
    rollOutByPool(declaration, placements(facts, 'kube-proxy', proxied), { atOnce, hold, bar }),
  ]);
};

type Hold = Required<Pick<RolloutLimits, 'hold' | 'bar'>>;

function noServer({ declaration }: Facts): Contribution {
  const held = controlPlanes(declaration).map(({ name }) => ({
    gate: 'A-02',
    node: name,
    component: 'kube-apiserver' as const,
    because: 'no API server serves yet',
  }));
  return { ...nothing, held: held.slice(0, 1) };
}

/** One of them holds the lease: a running one is replaced only while the others run, too. */
function leaderElected(
  facts: Facts,
  component: 'kube-controller-manager' | 'kube-scheduler',
  { hold, bar }: Hold,
): Contribution {
  const all = placements(facts, component, controlPlanes(facts.declaration));
  const whileDown: Hold['hold'] = ({ node: { name } }) => {
    const down = all.find((one) => one.node.name !== name && !isHealthy(one));
    return down && `${component} on ${down.node.name} does not run, and no other is stopped meanwhile`;
  };
  return rollOut(all, { atOnce: 1, bar, hold: (one) => hold(one) ?? whileDown(one) });
}

/** Without in_place_update a running kubelet keeps the spec that it was started with, as under CKE. */
function mayUpdate({ declaration }: Facts): (one: Placement) => boolean {
  return (one) =>
    optionsOf(declaration, one.node).kubelet.in_place_update || one.drift === undefined || !isHealthy(one);
}
