import type Docker from 'dockerode';
import type { BindMount, ContainerSpec } from '../../cluster/components/spec.ts';

/** The body of Docker's create call for a component: what is the same for all is added here. */
export function containerRequest(spec: ContainerSpec, labels: Record<string, string>): Docker.ContainerCreateOptions {
  const [program = '', ...args] = spec.command;
  return {
    Image: spec.image,
    Entrypoint: [program],
    Cmd: args,
    // Keys are readable by root only, and some images come with another user.
    User: '0:0',
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    StopTimeout: spec.stop_seconds,
    HostConfig: {
      NetworkMode: 'host',
      UTSMode: 'host',
      ReadonlyRootfs: true,
      LogConfig: rotatedLog,
      RestartPolicy: { Name: spec.restart },
      Privileged: spec.privilege === 'privileged',
      ...(spec.pid === 'host' ? { PidMode: 'host' } : {}),
      Binds: spec.mounts.filter((mount) => mount.source_kind === 'created').map(bind),
      Mounts: spec.mounts.filter((mount) => mount.source_kind === 'required').map(mountOf),
      Tmpfs: Object.fromEntries(spec.tmpfs.map((path) => [path, ''])),
    },
  };
}

/** At most 30 MB of log per container. */
export const rotatedLog = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } };

/** The short form: Docker makes a missing source. */
function bind({ source, destination, access, propagation, selinux_label }: BindMount): string {
  const flags = [access, propagation, selinux_label].filter((flag) => flag !== undefined);
  return `${source}:${destination}:${flags.join(',')}`;
}

/** The long form: Docker refuses a missing source, at create and at every start (rule W-06). */
function mountOf({ source, destination, access, propagation }: BindMount): Docker.MountConfig[number] {
  return {
    Type: 'bind',
    Source: source,
    Target: destination,
    ReadOnly: access === 'ro',
    ...(propagation === undefined ? {} : { BindOptions: { Propagation: propagation } }),
  };
}
