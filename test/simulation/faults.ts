import { controlPlanes, isControlPlane } from '../../cluster/declaration/nodes.ts';
import { dies, powerOff, powerOn, stop } from './model/engine.ts';
import { diskOf, endMember, hasQuorum, voters } from './model/etcd.ts';
import { directoryState } from './model/observe.ts';
import { hostOf, latest, say, type Host, type World } from './model/world.ts';
import { pick } from './schedules.ts';

/** Something breaks. */
export function harm(world: World, choice: number): void {
  const host = pick([...world.hosts.values()], choice >> 3);
  const running = [...host.containers.values()].filter(({ state }) => state === 'running');
  const container = running.length === 0 ? undefined : pick(running, choice >> 6);
  switch (choice % 8) {
    case 0:
      return powerOff(world, host);
    case 1:
      say(world, `${host.name} is cut off`);
      host.link = 'cut';
      return;
    case 2:
    case 3:
      if (container === undefined) return;
      say(world, `docker kill ${container.component} on ${host.name}`);
      return stop(world, host, container, 'a person');
    case 4:
      if (container === undefined) return;
      say(world, `docker rm -f ${container.component} on ${host.name}`);
      stop(world, host, container, 'a person');
      host.containers.delete(container.component);
      return;
    case 5:
      if (container === undefined) return;
      say(world, `the process of ${container.component} on ${host.name} dies`);
      return dies(world, host, container, 'segmentation fault');
    case 6:
      if (!world.kubernetes.nodes.delete(host.name)) return;
      return say(world, `kubectl delete node ${host.name}`);
    default:
      return wipe(world, host);
  }
}

/** An etcd directory is emptied behind everyone's back: at most one, since nothing saves a cluster that has lost a majority of its disks. */
function wipe(world: World, host: Host): void {
  const disk = diskOf(world, host);
  if (disk === undefined || disk.content === 'empty' || world.records.etcd.state !== 'done') return;
  const others = [...world.hosts.values()].filter(
    (other) => other !== host && directoryState(world, other) !== 'intact' && diskOf(world, other),
  );
  const spare = Math.floor((voters(world).length - 1) / 2);
  if (others.length >= spare) return;
  say(world, `the etcd directory of ${host.name} is emptied`);
  disk.emptied = 'while running';
  const container = host.containers.get('etcd');
  if (container?.state !== 'running' || host.power === 'off') endMember(world, host);
}

export function heal(world: World, choice: number): void {
  const host = pick([...world.hosts.values()], choice);
  powerOn(world, host);
  host.link = 'up';
}

/** Declared control planes that have an etcd member on record, and no data of it. */
export function lostMembers(world: World): string[] {
  const { etcd } = world.records;
  if (etcd.state !== 'done') return [];
  return controlPlanes(latest(world))
    .map(({ name }) => name)
    .filter(
      (name) => etcd.memberships[name]?.state === 'settled' && directoryState(world, hostOf(world, name)) !== 'intact',
    );
}

/** The quorum waits for a voter that is to leave and whose data are gone. */
export function lacksLeavingVoter(world: World): boolean {
  const gone = voters(world).filter(
    ({ node }) => !isControlPlane(latest(world), node) && directoryState(world, hostOf(world, node)) !== 'intact',
  );
  return gone.length > 0 && !hasQuorum(world);
}
