import type { Mount, ServiceParams } from '../declaration/service-options.ts';
import type { BindMount, ContainerSpec } from './spec.ts';

interface ContainerParts {
  image: string;
  /** Name of the binary in the image, found on its PATH. */
  binary: string;
  args: string[];
  /** What the user adds. */
  params: ServiceParams;
  /** Ours; the user's of the same name wins. */
  env?: Record<string, string>;
  mounts: BindMount[];
  tmpfs?: string[];
  privilege?: ContainerSpec['privilege'];
  pid?: ContainerSpec['pid'];
  restart?: ContainerSpec['restart'];
  stop_seconds?: number;
}

/** A container from our parts and the user's: their arguments come last, their bind of a destination replaces ours. */
export function container({ image, binary, args, params, mounts, ...rest }: ContainerParts): ContainerSpec {
  const own = mounts.filter(({ destination }) => !bindsDestination(params, destination));
  return {
    image,
    command: [binary, ...args, ...params.extra_args],
    env: { ...rest.env, ...params.extra_env },
    mounts: [...own, ...params.extra_binds.map(bindOf)],
    tmpfs: rest.tmpfs ?? [],
    privilege: rest.privilege ?? 'none',
    pid: rest.pid ?? 'container',
    restart: rest.restart ?? 'always',
    stop_seconds: rest.stop_seconds ?? 10,
  };
}

/** Whether the user binds something at this very path of the container. */
export function bindsDestination({ extra_binds }: ServiceParams, path: string): boolean {
  return extra_binds.some(({ destination }) => destination === path);
}

function bindOf({ source, destination, read_only, propagation, selinux_label }: Mount): BindMount {
  return {
    source,
    destination,
    access: read_only ? 'ro' : 'rw',
    ...(propagation && { propagation }),
    ...(selinux_label && { selinux_label }),
    source_kind: 'created',
  };
}

/** A bind of a host path at the same path of the container. */
export function bind(
  path: string,
  options: Pick<BindMount, 'access' | 'source_kind'> & Partial<Pick<BindMount, 'propagation'>>,
): BindMount {
  return { source: path, destination: path, ...options };
}

/** The directory that holds a component's file set, read-only. Without it the container must not start. */
export function fileRoot(root: '/etc/kubernetes' | '/etc/etcd' | '/etc/rivers'): BindMount {
  return bind(root, { access: 'ro', source_kind: 'required' });
}
