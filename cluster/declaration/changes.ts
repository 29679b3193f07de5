import { quorum } from '../etcd/quorum.ts';
import { clusterDomain } from './cluster-addresses.ts';
import type { Declaration } from './declaration.ts';
import { parseImageReference } from './image-reference.ts';
import { controlPlanes } from './nodes.ts';
import { problemAt } from './problem.ts';
import type { PathStep, Problem } from './problem.ts';
import { compareVersions, minorOf, parseVersion } from './versions.ts';

/**
 * Judges a change of the declaration by the two documents alone; rules that need an observation are the planner's. Rules D-04, D-06,
 * D-09. An empty list means that nothing speaks against it.
 */
export function judgeChange(accepted: Declaration, wished: Declaration): Problem[] {
  return [
    ...immutableProblems(accepted, wished),
    ...versionProblems(accepted, wished),
    ...majorityProblems(accepted, wished),
    ...nameProblems(accepted, wished),
    ...identityProblems(accepted, wished),
  ];
}

/** A node's name and its address belong together: with another address it is another machine, whose name has to be new (W-04, I-12). */
function identityProblems(accepted: Declaration, wished: Declaration): Problem[] {
  return wished.nodes.flatMap(({ name, address }, index) => {
    const before = accepted.nodes.find((node) => (node.name === name) !== (node.address === address));
    if (before === undefined) return [];
    const moved = before.name === name;
    const what = moved ? `${name} moves from ${before.address} to ${address}` : `${before.name} becomes ${name}`;
    const finding = {
      code: 'node-identity',
      want: moved ? before.address : before.name,
      hint: `${what}: certificates, etcd members and Node objects bear both; take the node out first, and add it with a new ${moved ? 'name' : 'hostname'} when it is gone`,
    };
    return [problemAt(['nodes', index, moved ? 'address' : 'hostname'], moved ? address : name, finding)];
  });
}

/** Code of a problem that the planner may find harmless: where nothing has run on the newer version yet. */
export const downgradeCode = 'downgrade';

interface Immutable {
  steps: PathStep[];
  value: (declaration: Declaration) => string | number | undefined;
  why: string;
}

const immutable: Immutable[] = [
  { steps: ['name'], value: ({ name }) => name, why: 'certificates, secrets and records are kept under it' },
  {
    steps: ['service_subnet'],
    value: ({ service_subnet }) => service_subnet,
    why: 'existing Services keep their cluster IPs',
  },
  {
    steps: ['cluster_dns_address'],
    value: ({ cluster_dns_address }) => cluster_dns_address,
    why: 'running pods have it in their resolv.conf',
  },
  {
    steps: ['options', 'kubelet', 'config', 'clusterDomain'],
    value: clusterDomain,
    why: 'service account tokens and running pods carry it',
  },
  {
    steps: ['options', 'etcd', 'volume_name'],
    value: ({ options }) => options.etcd.volume_name,
    why: 'etcd would start without its data',
  },
];

function immutableProblems(accepted: Declaration, wished: Declaration): Problem[] {
  return [...immutable, ...podSubnetRules(accepted)].flatMap(({ steps, value, why }) => {
    const [old, fresh] = [value(accepted), value(wished)];
    if (old === fresh) return [];
    const finding = {
      code: 'immutable-field',
      want: String(old),
      hint: `immutable field, ${old ?? 'nothing'} → ${fresh ?? 'nothing'}: ${why}`,
    };
    return [problemAt(steps, fresh, finding)];
  });
}

/** A pod subnet may be added to a cluster that has none; it then stays. */
function podSubnetRules({ pod_subnet }: Declaration): Immutable[] {
  if (pod_subnet === undefined) return [];
  const why = 'nodes and running pods keep their addresses';
  return [
    { steps: ['pod_subnet'], value: (declaration) => declaration.pod_subnet, why },
    { steps: ['node_cidr_mask_size'], value: ({ node_cidr_mask_size }) => node_cidr_mask_size, why },
  ];
}

interface VersionChange {
  steps: PathStep[];
  from: string;
  to: string;
  /** Why there is no way back. */
  noWayBack: string;
}

/** Kubernetes and etcd go up one minor at a time, and never down (D-09, S-03, S-04, S-05). */
function versionProblems(accepted: Declaration, wished: Declaration): Problem[] {
  return [
    {
      steps: ['kubernetes_version'],
      from: accepted.kubernetes_version,
      to: wished.kubernetes_version,
      noWayBack: 'stored objects may not be readable by the older version',
    },
    {
      steps: ['images', 'etcd'],
      from: tagOf(accepted.images.etcd),
      to: tagOf(wished.images.etcd),
      noWayBack: 'an older etcd may not read the data of a newer one',
    },
  ].flatMap(versionProblem);
}

function versionProblem({ steps, from, to, noWayBack }: VersionChange): Problem[] {
  const [is, wanted] = [parseVersion(from), parseVersion(to)];
  if (is === undefined || wanted === undefined) return [];
  const found = (code: string, want: string, hint: string) => [problemAt(steps, to, { code, want, hint })];
  if (compareVersions(wanted, is) < 0)
    return found(downgradeCode, `${from} or later`, `downgrade refused, ${from} → ${to}: ${noWayBack}`);
  if (wanted.major === is.major && wanted.minor <= is.minor + 1) return [];
  const next = minorOf({ ...is, minor: is.minor + 1 });
  const way = `one minor at a time: ${minorOf(is)} → ${next} → ${minorOf(wanted)}`;
  return found('minor-skipped', `a version of ${next} first`, way);
}

const tagOf = (image: string): string => parseImageReference(image)?.tag ?? '';

/**
 * The control planes that stay must be a majority of those there are (rule D-04), unless a person says in the declaration that they
 * may go one after the other: then it is a matter of the membership rules, which take no step that the quorum does not bear.
 */
export function majorityProblems(accepted: Declaration, wished: Declaration): Problem[] {
  if (wished.update_strategy.rolling_replace) return [];
  const before = controlPlanes(accepted);
  const after = new Set(controlPlanes(wished).map(({ address }) => address));
  const leaving = before.filter(({ address }) => !after.has(address)).map(({ name }) => name);
  const otherwise = 'replace one control plane at a time and wait for converged in between';
  return overlapProblems({ present: before.length, what: 'control planes', leaving, otherwise });
}

interface Overlap {
  /** How many there are now. */
  present: number;
  what: 'control planes' | 'members of etcd';
  leaving: string[];
  /** What to do, unless all may go one after the other. */
  otherwise: string;
}

/** Rule D-04: a majority of those there are stays. */
export function overlapProblems({ present, what, leaving, otherwise }: Overlap): Problem[] {
  const staying = present - leaving.length;
  const needed = quorum(present);
  if (staying >= needed) return [];
  return [
    problemAt(['nodes'], undefined, {
      code: 'control-plane-majority',
      got: `${staying} of ${present} ${what} would stay (${leaving.join(', ')} would leave)`.slice(0, 80),
      want: `at least ${needed} of the present ${present} (majority overlap)`,
      hint: `would leave ${staying} < quorum ${needed}: ${otherwise}, or declare update_strategy.rolling_replace: true, and it is done one by one (rolling)`,
    }),
  ];
}

/** Not one machine in common: somebody has given another cluster a name that is in use. */
function nameProblems(accepted: Declaration, wished: Declaration): Problem[] {
  if (wished.update_strategy.rolling_replace || wished.name !== accepted.name) return [];
  const here = new Set(accepted.nodes.map(({ address }) => address));
  if (wished.nodes.some(({ address }) => here.has(address))) return [];
  const shown = accepted.nodes.slice(0, 3).map(({ address }) => address);
  const finding = {
    code: 'name-in-use',
    want: 'a name that no other cluster has',
    hint: `${accepted.name} runs on ${shown.join(', ')}${accepted.nodes.length > 3 ? ', …' : ''}, and not one of these machines is in this declaration: another cluster needs a name of its own; to move this one, exchange its nodes a part at a time`,
  };
  return [problemAt(['name'], wished.name, finding)];
}
