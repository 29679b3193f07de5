import type { Declaration } from '../declaration/declaration.ts';
import { problemAt, type PathStep, type Problem } from '../declaration/problem.ts';
import { minorOf, parseVersion, type Version } from '../declaration/versions.ts';
import type { ClusterView } from '../view.ts';
import { versionOfImage, whyTooFar, type Running } from './version-skew.ts';

interface ObservedUpgrade {
  accepted: Declaration;
  wished: Declaration;
  view: Pick<ClusterView, 'nodes' | 'leaving'>;
}

/** What goes up by one minor at a time, and no further before the last is done everywhere. */
interface Product {
  steps: PathStep[];
  versionIn: (declaration: Declaration) => Version | undefined;
}

const products: Product[] = [
  { steps: ['kubernetes_version'], versionIn: ({ kubernetes_version }) => parseVersion(kubernetes_version) },
  { steps: ['images', 'etcd'], versionIn: ({ images }) => versionOfImage(images.etcd) },
];

/** Whether a change takes Kubernetes or etcd to another minor: only then has what runs to be looked at. */
export function isMinorUpgrade(accepted: Declaration, wished: Declaration): boolean {
  return upgraded(accepted, wished).length > 0;
}

function upgraded(accepted: Declaration, wished: Declaration): { steps: PathStep[]; to: Version }[] {
  return products.flatMap(({ steps, versionIn }) => {
    const [from, to] = [versionIn(accepted), versionIn(wished)];
    return to === undefined || (from && minorOf(from) === minorOf(to)) ? [] : [{ steps, to }];
  });
}

/**
 * Judges an upgrade to another minor by what runs: the one before must have come to its end (S-01 to S-03, S-05), which the declaration
 * alone does not tell. Refused before anything is accepted, since there would be no way back. Nodes that leave count as long as they can
 * be seen: what runs on them writes to the same etcd.
 */
export function judgeObservedUpgrade({ accepted, wished, view }: ObservedUpgrade): Problem[] {
  const { nodes, leaving = [] } = view;
  const unseen = nodes.filter(({ role, reachable }) => role === 'control-plane' && reachable !== 'yes');
  const running = [...nodes, ...leaving].flatMap(runningOn);
  return upgraded(accepted, wished).flatMap(({ steps, to }) => {
    if (unseen.length > 0)
      return refusal(
        steps,
        to,
        `${unseen.map(({ name }) => name).join(', ')} can’t be observed: unknown is never fine`,
      );
    const because = whyTooFar(to, running);
    return because === undefined ? [] : refusal(steps, to, `${because}; wait until the upgrade before is done`);
  });
}

function runningOn({ name, components }: ClusterView['nodes'][number]): Running[] {
  return components.map(({ component, version }) => ({ node: name, component, version }));
}

function refusal(steps: PathStep[], to: Version, hint: string): Problem[] {
  const want = `every control plane at ${minorOf({ ...to, minor: to.minor - 1 })} or later`;
  const got = `${to.major}.${to.minor}.${to.patch}`;
  return [problemAt(steps, got, { code: 'version-skew', want, hint })];
}
