import { serves, servingApiServers } from './serving.ts';
import { sayVersion, versionOf } from './versions.ts';
import { hostOf, latest, type Host, type World } from './world.ts';
import { nodeNamed } from '../../../cluster/declaration/nodes.ts';

/** One second of kubelets and controllers: nodes register, get their pod CIDR, become Ready or not. */
export function tickKubernetes(world: World): void {
  if (servingApiServers(world).length === 0) return;
  for (const host of world.hosts.values()) register(world, host);
  const controls = [...world.hosts.values()].some((host) => serves(world, host, 'kube-controller-manager'));
  for (const node of world.kubernetes.nodes.values()) {
    const host = hostOf(world, node.name);
    if (controls) node.podCidr ??= `10.244.${[...world.hosts.keys()].indexOf(node.name)}.0/24`;
    const ready = serves(world, host, 'kubelet') && host.cniConfiguration !== undefined;
    node.ready = ready ? 'true' : 'false';
    node.readyMessage = ready ? 'kubelet is posting ready status' : 'cni plugin not initialized';
  }
}

/** A kubelet registers once after each start. */
function register(world: World, host: Host): void {
  const kubelet = host.containers.get('kubelet');
  if (kubelet === undefined || kubelet.registered === 'yes' || !serves(world, host, 'kubelet')) return;
  if (host.containers.get('rivers')?.state !== 'running' || nodeNamed(latest(world), host.name) === undefined) return;
  kubelet.registered = 'yes';
  const kubeletVersion = sayVersion(versionOf(world, kubelet));
  const known = world.kubernetes.nodes.get(host.name);
  if (known !== undefined) {
    known.kubeletVersion = kubeletVersion;
    return;
  }
  world.kubernetes.nodes.set(host.name, {
    name: host.name,
    ready: 'false',
    readyMessage: 'it has just registered',
    schedulable: 'yes',
    labels: {},
    annotations: {},
    taints: [],
    kubeletVersion,
  });
}
