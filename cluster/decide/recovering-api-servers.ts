import { placements, type Facts, type Placement } from './facts.ts';
import { whyNoPlugin } from './kms-plugins.ts';
import { isAiling, isHealthy } from './placement.ts';
import { whyNotWithdrawn } from './withdrawal.ts';

/** It will serve again as soon as its etcd-rivers does, perhaps while it would be replaced. */
export function lacksWayToEtcd(facts: Facts, { node }: Placement): boolean {
  return !placements(facts, 'etcd-rivers', [node]).some(isHealthy);
}

export const cutOff = ({ node }: Placement): string => `etcd-rivers on ${node.name} comes first`;

interface ApiServers {
  all: Placement[];
  severed: Placement[];
}

/**
 * Who waits, and why. One with another spec that does not serve now may come back by itself while it would be replaced, and be stopped
 * under its clients: they take turns, those that keep dying first, and each is withdrawn from the endpoints first, too, unless they are
 * the only way to write to these (rules ).
 */
export function recoverInTurn(facts: Facts, { all, severed }: ApiServers): { one: Placement; because: string }[] {
  const recovering = all.filter(mayComeBack).filter((one) => !severed.includes(one));
  const able = recovering.filter((one) => whyNoPlugin(facts, one) === undefined);
  const [first] = able.toSorted((a, b) => restarts(b) - restarts(a));
  return recovering.flatMap((one) => {
    const because = whyNotYet(facts, { one, first: first ?? one, all });
    return because === undefined ? [] : [{ one, because }];
  });
}

interface Turn {
  one: Placement;
  first: Placement;
  all: Placement[];
}

function whyNotYet(facts: Facts, { one, first, all }: Turn): string | undefined {
  if (first !== one) return `the API server on ${first.node.name} comes first: this one may serve again by itself`;
  if (!all.some(isHealthy)) return undefined;
  return whyNotWithdrawn(facts, one.node.name);
}

const restarts = ({ container }: Placement): number => container?.restarts ?? 0;

const mayComeBack = (one: Placement): boolean =>
  one.drift !== undefined && one.aside === undefined && (isAiling(one) || one.container?.state === 'restarting');
