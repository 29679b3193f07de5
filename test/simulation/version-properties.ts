import type { Component } from '../../cluster/components/component.ts';
import { isControlPlane, nodeNamed } from '../../cluster/declaration/nodes.ts';
import { minorOf, type Version } from '../../cluster/declaration/versions.ts';
import type { Decision } from './calls.ts';
import { minorsAhead, versionOf } from './model/versions.ts';
import { violate, type Host, type ModelContainer, type World } from './model/world.ts';

interface Starting {
  world: World;
  host: Host;
  container: ModelContainer;
  decision: Decision | undefined;
}

interface Neighbour {
  host: string;
  /** A control plane that is not declared as one any more: nobody is sent to its API server. */
  leaves: boolean;
  component: Component;
  version: Version;
}

/**
 * P7: right before we start something it must get along with all that runs, or would again without us. Machines that were off when
 * it was decided are not counted, nor those that nothing is known of: they come back as they are.
 */
export function keepsSkew({ world, host, container, decision }: Starting): void {
  const version = versionOf(world, container);
  if (version === undefined || decision === undefined) return;
  for (const other of neighbours(world, decision)) {
    if (other.host === host.name && other.component === container.component) continue;
    const broken = ruleBroken(container.component, version, other);
    if (broken !== undefined) violate(world, broken, said({ host, container }, version, other));
  }
  const { agreedVersion } = world.etcd;
  if (container.component === 'etcd' && agreedVersion && minorsAhead(agreedVersion, version) > 0)
    violate(world, 'S-04', `etcd ${minorOf(version)} was started on ${host.name} on data of ${minorOf(agreedVersion)}`);
}

function said({ host, container }: Pick<Starting, 'host' | 'container'>, version: Version, other: Neighbour): string {
  const who = `${container.component} ${minorOf(version)} was started on ${host.name}`;
  return `${who} beside ${other.component} ${minorOf(other.version)} on ${other.host}`;
}

/** S-01 and S-02 by arithmetic alone; S-05 for etcd. */
function ruleBroken(component: Component, version: Version, other: Neighbour): string | undefined {
  if (component === 'etcd' || other.component === 'etcd') {
    const apart = component === other.component ? Math.abs(minorsAhead(version, other.version)) : 0;
    return apart > 1 ? 'S-05' : undefined;
  }
  if (component === 'kube-apiserver' && other.component === 'kube-apiserver')
    return Math.abs(minorsAhead(version, other.version)) > 1 ? 'S-01' : undefined;
  if (component === 'kube-apiserver') return followsBadly(other.component, minorsAhead(version, other.version));
  if (other.component === 'kube-apiserver' && !other.leaves)
    return followsBadly(component, minorsAhead(other.version, version));
  return undefined;
}

const mostBehind: Partial<Record<Component, number>> = {
  'kube-controller-manager': 1,
  'kube-scheduler': 1,
  kubelet: 3,
  'kube-proxy': 3,
};

/** `behind` is by how many minors it is older than an API server; negative where it is newer. */
function followsBadly(component: Component, behind: number): string | undefined {
  const most = mostBehind[component];
  return most !== undefined && (behind < 0 || behind > most) ? 'S-02' : undefined;
}

/** What runs on machines that leave counts as long as they can be seen: it writes to the same etcd. */
function neighbours(world: World, { declaration, powered }: Decision): Neighbour[] {
  return [...world.hosts.values()].flatMap((host) => {
    if (host.power === 'off' || !powered.has(host.name)) return [];
    const declared = nodeNamed(declaration, host.name) !== undefined;
    if (!declared && (host.link === 'cut' || world.records.nodes?.[host.name] === undefined)) return [];
    return [...host.containers.values()].flatMap((container): Neighbour[] => {
      if (container.state !== 'running' && container.state !== 'restarting') return [];
      const version = versionOf(world, container);
      const leaves = !isControlPlane(declaration, host.name);
      return version === undefined ? [] : [{ host: host.name, leaves, component: container.component, version }];
    });
  });
}
