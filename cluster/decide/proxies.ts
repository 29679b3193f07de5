import { componentsOf } from '../components/component-spec.ts';
import { controlPlanes, workers } from '../declaration/nodes.ts';
import { apiServerPlacements } from './api-servers.ts';
import { combine, missingControlPlanes, placements, type Facts, type PhaseRule, type Placement } from './facts.ts';
import { isHalted, isHealthy, mayRecover, mayServe } from './placement.ts';
import { rollOut } from './rollout.ts';

/** rivers and etcd-rivers on every node that runs them: everything else reaches the control planes through them. */
export const proxies: PhaseRule = (facts) => {
  const { declaration } = facts;
  const atOnce = declaration.update_strategy.max_concurrent_updates;
  const below = workers(declaration).filter((node) => componentsOf(declaration, node).includes('etcd-rivers'));
  const masters = placements(facts, 'etcd-rivers', controlPlanes(declaration));
  return combine([
    rollOut(placements(facts, 'rivers', declaration.nodes), { atOnce }),
    rollOut(masters, { atOnce: 1, hold: holdForServers(facts, masters), bar: barForRecovering(facts, masters) }),
    rollOut(placements(facts, 'etcd-rivers', below), { atOnce }),
  ]);
};

/**
 * An API server loses etcd while its etcd-rivers is replaced: only while every other one is known to serve, and not beside another
 * that is made anew, even if none serves now: all may come back meanwhile.
 */
function holdForServers(facts: Facts, proxiesOfMasters: Placement[]): (one: Placement) => string | undefined {
  const servers = apiServerPlacements(facts);
  const unseen = missingControlPlanes(facts);
  const { etcd, records } = facts.observation;
  // Without etcd no API server serves, whatever etcd-rivers does.
  const unseenEtcd =
    etcd.state === 'unobservable' && records.etcd.state === 'done'
      ? `whether the API servers miss etcd-rivers can't be told: ${etcd.because}`
      : undefined;
  return ({ node: { name } }) => {
    const made = proxiesOfMasters.find((one) => one.node.name !== name && isMadeAnew(one));
    if (made !== undefined) return `that on ${made.node.name} is made anew first`;
    if (!servers.some((server) => server.node.name === name && mayServe(server))) return unseenEtcd;
    if (unseen.length > 0) return `${unseen.join(', ')} can't be observed, and the API server on ${name} serves`;
    const sick = sickBeside(name, [...servers, ...proxiesOfMasters]);
    return sick && `${sick}, and the API server on ${name} does`;
  };
}

/** What does not serve on another node, in words. */
function sickBeside(name: string, placed: Placement[]): string | undefined {
  const sick = placed.find((one) => one.node.name !== name && !isHealthy(one));
  return sick && `${sick.component} on ${sick.node.name} does not serve`;
}

const isMadeAnew = (one: Placement): boolean => one.drift !== undefined && isHalted(one) && one.aside === undefined;

/** One that Docker is about to start again may come back any moment, and would be stopped under its API server: not while another is down. */
function barForRecovering(facts: Facts, proxiesOfMasters: Placement[]): (one: Placement) => string | undefined {
  const all = [...apiServerPlacements(facts), ...proxiesOfMasters];
  return (one) => {
    if (!mayRecover(one)) return undefined;
    const sick = sickBeside(one.node.name, all);
    return sick && `Docker starts etcd-rivers on ${one.node.name} again, and ${sick}`;
  };
}
