import type { Component } from '../../../cluster/components/component.ts';
import { controlPlanes } from '../../../cluster/declaration/nodes.ts';
import type { Health } from '../../../cluster/observation.ts';
import { hasQuorum, isSynced } from './etcd.ts';
import { hostOf, latest, type Host, type World } from './world.ts';

/** Seconds that a process needs before it serves. */
const startUp: Record<Component, number> = {
  rivers: 0,
  'etcd-rivers': 0,
  etcd: 1,
  'vault-kms': 1,
  'kube-apiserver': 2,
  'kube-controller-manager': 1,
  'kube-scheduler': 1,
  kubelet: 1,
  'kube-proxy': 1,
};

/** What a probe from outside would find. */
export function healthOf(world: World, host: Host, component: Component): Health {
  const container = host.containers.get(component);
  if (host.power === 'off' || container?.state !== 'running')
    return { state: 'unhealthy', because: container === undefined ? 'it is not there' : `it is ${container.state}` };
  if (world.now - container.startedAt < startUp[component]) return { state: 'unhealthy', because: 'it is starting' };
  const lack = lacks(world, host, component);
  return lack === undefined ? { state: 'healthy' } : { state: 'unhealthy', because: lack };
}

export const serves = (world: World, host: Host, component: Component): boolean =>
  healthOf(world, host, component).state === 'healthy';

function lacks(world: World, host: Host, component: Component): string | undefined {
  if (component === 'etcd') return isSynced(world, host.name) ? undefined : 'it is not in sync';
  if (component !== 'kube-apiserver') return undefined;
  if (host.containers.get('etcd-rivers')?.state !== 'running') return 'etcd-rivers does not run';
  return hasQuorum(world) && world.etcd.leader !== undefined ? undefined : 'etcd does not answer';
}

/** Hosts of declared control planes whose API server serves. */
export function servingApiServers(world: World): Host[] {
  return controlPlanes(latest(world))
    .map(({ name }) => hostOf(world, name))
    .filter((host) => serves(world, host, 'kube-apiserver'));
}
