import { overlay } from '../components/component-config.ts';
import type { Declaration, NodeDeclaration } from './declaration.ts';
import { flagOf } from './extra-args.ts';
import type {
  ConfigDocument,
  KubeletOptions,
  KubeProxyOptions,
  Options,
  ServiceParams,
  Taint,
} from './service-options.ts';

/** What a pool says of a component; absent settings are the cluster's. */
type PoolSettings<Settings extends ServiceParams> = ServiceParams & Partial<Omit<Settings, keyof ServiceParams>>;

/** Nodes whose settings lie over those of the cluster. */
export interface Pool {
  name: string;
  labels: Record<string, string>;
  taints: Taint[];
  kubelet: PoolSettings<KubeletOptions>;
  'kube-proxy': PoolSettings<Omit<KubeProxyOptions, 'disable'>>;
}

/** The options that pools have a say in. */
export type NodeOptions = Pick<Options, 'kubelet' | 'kube-proxy'>;

type WithPools = Pick<Declaration, 'options' | 'pools'>;

/** The pool of a node, or undefined. */
export function poolOf({ pools }: Pick<WithPools, 'pools'>, { pool }: Pick<NodeDeclaration, 'pool'>): Pool | undefined {
  return pool === undefined ? undefined : pools.find(({ name }) => name === pool);
}

/**
 * The settings of kubelet and kube-proxy on a node: those of its pool over those of the cluster. Flags go by their names, variables by
 * theirs, binds by their destinations; configuration documents merge as they do over our defaults (reference §1.7); else the pool's holds.
 */
export function optionsOf(declaration: WithPools, node: Pick<NodeDeclaration, 'pool'>): NodeOptions {
  const { options } = declaration;
  const pool = poolOf(declaration, node);
  if (pool === undefined) return options;
  return {
    kubelet: layered(options.kubelet, pool.kubelet),
    'kube-proxy': layered(options['kube-proxy'], pool['kube-proxy']),
  };
}

type Configured = ServiceParams & { config?: ConfigDocument };

function layered<Settings extends Configured>(
  below: Settings,
  above: Configured & Partial<NoInfer<Settings>>,
): Settings {
  return { ...below, ...above, ...layeredParams(below, above), ...layeredConfig(below.config, above.config) };
}

function layeredParams(below: ServiceParams, above: ServiceParams): ServiceParams {
  const flags = new Set(above.extra_args.map(flagName));
  const destinations = new Set(above.extra_binds.map(({ destination }) => destination));
  return {
    extra_args: [...below.extra_args.filter((entry) => !flags.has(flagName(entry))), ...above.extra_args],
    extra_binds: [
      ...below.extra_binds.filter(({ destination }) => !destinations.has(destination)),
      ...above.extra_binds,
    ],
    extra_env: { ...below.extra_env, ...above.extra_env },
  };
}

function layeredConfig(below?: ConfigDocument, above?: ConfigDocument): { config?: ConfigDocument } {
  if (below === undefined || above === undefined) return {};
  return { config: { ...overlay(below, above), apiVersion: above.apiVersion, kind: above.kind } };
}

const flagName = (entry: string): string => flagOf(entry)?.name ?? entry;

/** Labels and taints of a node with those of its pool; the node's own hold. */
export function attributesWithPool(
  { labels, taints }: Pick<NodeDeclaration, 'labels' | 'taints'>,
  pool: Pick<Pool, 'labels' | 'taints'> | undefined,
): Pick<NodeDeclaration, 'labels' | 'taints'> {
  if (pool === undefined) return { labels, taints };
  const isOwn = (one: Taint) => taints.some(({ key, effect }) => key === one.key && effect === one.effect);
  return { labels: { ...pool.labels, ...labels }, taints: [...pool.taints.filter((one) => !isOwn(one)), ...taints] };
}
