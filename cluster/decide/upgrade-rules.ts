import type { Component } from '../components/component.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { problemAt, type PathStep, type Problem } from '../declaration/problem.ts';
import { versionOfImage } from '../declaration/image-reference.ts';
import { downgradeCode } from '../declaration/changes.ts';
import { compareVersions, minorOf, parseVersion, type Version } from '../declaration/versions.ts';
import type { ClusterView, NodeView } from '../view.ts';
import { whyTooFar, type Running } from './version-skew.ts';

interface ObservedUpgrade {
  accepted: Declaration;
  wished: Declaration;
  view: Pick<ClusterView, 'nodes' | 'leaving' | 'etcd'>;
}

/** What goes up by one minor at a time, and no further before the last is done everywhere. */
interface Product {
  steps: PathStep[];
  versionIn: (declaration: Declaration) => Version | undefined;
  components: readonly Component[];
}

const products: Product[] = [
  {
    steps: ['kubernetes_version'],
    versionIn: ({ kubernetes_version }) => parseVersion(kubernetes_version),
    components: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'],
  },
  { steps: ['images', 'etcd'], versionIn: ({ images }) => versionOfImage(images.etcd), components: ['etcd'] },
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
 * be seen: what runs on them writes to the same etcd. One whose member votes, or may, has to be seen: it is not gone for good.
 */
export function judgeObservedUpgrade({ accepted, wished, view }: ObservedUpgrade): Problem[] {
  const { nodes, leaving = [] } = view;
  const masters = [...nodes, ...leaving.filter((node) => mayVote(node, view))];
  const unseen = masters.filter(({ role, reachable }) => role === 'control-plane' && reachable !== 'yes');
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

function mayVote({ name }: NodeView, { etcd }: Pick<ObservedUpgrade['view'], 'etcd'>): boolean {
  if (etcd.state !== 'observed') return true;
  return etcd.members.some(({ node, role }) => node === name && role === 'voter');
}

/**
 * Problems of a change but for versions that are taken back before anything has run on them: a version that does not exist, or that nobody
 * said yes to. Every control plane must be seen, since API servers and members come first; nothing that runs may be newer than what is wished.
 */
export function withoutTakenBack(problems: Problem[], { wished, view }: Omit<ObservedUpgrade, 'accepted'>): Problem[] {
  const seen = view.nodes.every(({ role, reachable }) => role !== 'control-plane' || reachable === 'yes');
  const standing = ({ components, ...node }: NodeView) =>
    runningOn({ ...node, components: components.filter(({ state }) => state !== 'absent') });
  const running = [...view.nodes, ...(view.leaving ?? [])].flatMap(standing);
  const back = products.filter(({ versionIn, components }) => {
    const to = versionIn(wished);
    const own = running.filter(({ component }) => components.includes(component));
    return seen && to !== undefined && own.every(({ version }) => isNoNewer(version, to));
  });
  const paths = back.map(({ steps }) => problemAt(steps, '', { code: '', want: '', hint: '' }).path);
  return problems.filter(({ code, path }) => code !== downgradeCode || !paths.includes(path));
}

function isNoNewer(version: string | undefined, to: Version): boolean {
  const is = parseVersion(version ?? '');
  return is !== undefined && compareVersions(is, to) <= 0;
}

function runningOn({ name, components }: ClusterView['nodes'][number]): Running[] {
  return components.map(({ component, version }) => ({ node: name, component, version }));
}

function refusal(steps: PathStep[], to: Version, hint: string): Problem[] {
  const want = `every control plane at ${minorOf({ ...to, minor: to.minor - 1 })} or later`;
  const got = `${to.major}.${to.minor}.${to.patch}`;
  return [problemAt(steps, got, { code: 'version-skew', want, hint })];
}
