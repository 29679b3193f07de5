import type { Declaration } from '../declaration/declaration.ts';
import { problemAt, type Problem } from '../declaration/problem.ts';
import { minorOf, parseVersion, type Version } from '../declaration/versions.ts';
import type { ClusterView } from '../view.ts';
import { whyTooFar, type Running } from './version-skew.ts';

interface ObservedUpgrade {
  accepted: Declaration;
  wished: Declaration;
  view: Pick<ClusterView, 'nodes'>;
}

/** Whether a change takes Kubernetes to another minor: only then has what runs to be looked at. */
export function isMinorUpgrade(accepted: Declaration, wished: Declaration): boolean {
  return minorText(accepted) !== minorText(wished);
}

/**
 * Judges an upgrade to another minor by what runs: the one before must have come to its end (S-01 to S-03), which the declaration
 * alone does not tell. Refused before anything is accepted, since there would be no way back.
 */
export function judgeObservedUpgrade({ accepted, wished, view }: ObservedUpgrade): Problem[] {
  const to = parseVersion(wished.kubernetes_version);
  if (to === undefined || !isMinorUpgrade(accepted, wished)) return [];
  const unseen = view.nodes.filter(({ role, reachable }) => role === 'control-plane' && reachable !== 'yes');
  if (unseen.length > 0)
    return refusal(to, wished, `${unseen.map(({ name }) => name).join(', ')} can’t be observed: unknown is never fine`);
  const because = whyTooFar(to, view.nodes.flatMap(runningOn));
  return because === undefined ? [] : refusal(to, wished, `${because}; wait until the upgrade before is done`);
}

function runningOn({ name, components }: ClusterView['nodes'][number]): Running[] {
  return components.map(({ component, version }) => ({ node: name, component, version }));
}

function refusal(to: Version, { kubernetes_version }: Declaration, hint: string): Problem[] {
  const want = `every control plane at ${minorOf({ ...to, minor: to.minor - 1 })} or later`;
  return [problemAt(['kubernetes_version'], kubernetes_version, { code: 'version-skew', want, hint })];
}

function minorText({ kubernetes_version }: Declaration): string | undefined {
  const version = parseVersion(kubernetes_version);
  return version && minorOf(version);
}
