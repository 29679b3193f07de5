import { nodeAt } from '../../../cluster/declaration/nodes.ts';
import type { ComponentSpec } from '../../../cluster/components/spec.ts';
import { hostOf, latest, say, violate, type EtcdDisk, type Host, type World } from './world.ts';

/** Whether the etcd process of a host runs, has data, and has had a second to start. */
export function isMemberUp(world: World, name: string): boolean {
  const host = world.hosts.get(name);
  const container = host?.containers.get('etcd');
  if (host?.power !== 'on' || container?.state !== 'running' || world.now - container.startedAt < 1) return false;
  return diskOf(world, host)?.content === 'data';
}

export const liveMembers = (world: World): string[] =>
  world.etcd.members.map(({ node }) => node).filter((node) => isMemberUp(world, node));

export const hasQuorum = (world: World): boolean => liveMembers(world).length > world.etcd.members.length / 2;

export function isSynced(world: World, name: string): boolean {
  const disk = diskOf(world, hostOf(world, name));
  return (
    isMemberUp(world, name) &&
    hasQuorum(world) &&
    world.etcd.leader !== undefined &&
    disk !== undefined &&
    disk.index >= world.etcd.acknowledged - 2
  );
}

/** The directory of a host's current membership. */
export function diskOf(world: World, host: Host): EtcdDisk | undefined {
  const { etcd } = world.records;
  const directory = etcd.state === 'never' ? undefined : etcd.memberships[host.name]?.directory;
  return directory === undefined ? undefined : host.directories.get(directory);
}

/** Comes up, or ends with these words. */
export type MemberStart = { state: 'up' } | { state: 'ends'; words: string } | { state: 'no directory' };

/** What an etcd process does when it is started on a directory: comes up, or ends with its own words. */
export function startMember(world: World, host: Host, spec: ComponentSpec): MemberStart {
  const directory = spec.container.mounts
    .find(({ destination }) => destination === '/var/lib/etcd')
    ?.source.split('/')
    .at(-1);
  const disk = directory === undefined ? undefined : host.directories.get(directory);
  if (disk === undefined) return { state: 'no directory' };
  if (disk.content === 'data') return { state: 'up' };
  const flag = (name: string) =>
    spec.container.command.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
  const token = flag('initial-cluster-token');
  if (token === undefined) return ends('couldn’t find local name in the initial cluster configuration');
  const known = world.etcd.token === token && world.etcd.members.some(({ node }) => node === host.name);
  const wasUp = disk.memberId !== '';
  if (known && wasUp && liveMembers(world).length > 0) return ends('member has already been bootstrapped');
  if (wasUp && world.records.etcd.state === 'done')
    violate(world, 'W-05', `the voter on ${host.name} came up on an emptied directory`);
  found(world, token, flag('initial-cluster') ?? '');
  Object.assign(disk, { content: 'data', memberId: `${token}/${host.name}`, token, index: 0, emptied: 'no' });
  return { state: 'up' };
}

const ends = (words: string): MemberStart => ({ state: 'ends', words });

function found(world: World, token: string, initialCluster: string): void {
  const { etcd } = world;
  if (etcd.token === token) return;
  if (etcd.token !== undefined) violate(world, 'one cluster', 'a second etcd cluster was founded beside the first');
  const declaration = latest(world);
  const members = initialCluster.split(',').flatMap((entry) => {
    const node = nodeAt(declaration, entry.split('=')[0] ?? '');
    return node === undefined ? [] : [{ node: node.name, memberId: `${token}/${node.name}` }];
  });
  Object.assign(etcd, { token, members, leader: undefined, acknowledged: 0, authentication: 'disabled' });
}

/** Called when an etcd process has ended, however it ended. */
export function endMember(world: World, host: Host): void {
  for (const disk of host.directories.values())
    if (disk.emptied === 'while running') Object.assign(disk, { content: 'empty', index: 0, emptied: 'no' });
  if (world.etcd.leader === host.name) world.etcd.leader = undefined;
}

/** One second: catch up, elect, commit a write. Data loss is a commit whose leader lacks an acknowledged write. */
export function tickEtcd(world: World): void {
  const { etcd } = world;
  if (etcd.token === undefined) return;
  if (etcd.leader !== undefined && !isMemberUp(world, etcd.leader)) etcd.leader = undefined;
  if (!hasQuorum(world)) return;
  if (etcd.leader === undefined) elect(world);
  else write(world, etcd.leader);
}

/** The leader brings its successor up to date before it hands over. */
export function transferLeadership(world: World, memberId: string): void {
  const { etcd } = world;
  const successor = etcd.members.find((member) => member.memberId === memberId)?.node;
  if (successor === undefined || etcd.leader === undefined || !isMemberUp(world, successor)) return;
  const [from, to] = [etcd.leader, successor].map((name) => diskOf(world, hostOf(world, name)));
  if (from !== undefined && to !== undefined) to.index = from.index;
  etcd.leader = successor;
}

/** A majority that is live, chosen at random: a member outside it is slow at this moment. */
function someMajority(world: World, including: string | undefined): string[] {
  const live = shuffled(world, liveMembers(world)).toSorted(
    (a, b) => Number(b === including) - Number(a === including),
  );
  return live.slice(0, Math.floor(world.etcd.members.length / 2) + 1);
}

function elect(world: World): void {
  const voters = someMajority(world, undefined);
  const indexOf = (name: string) => diskOf(world, hostOf(world, name))?.index ?? 0;
  const [winner] = voters.toSorted((a, b) => indexOf(b) - indexOf(a));
  world.etcd.leader = winner;
  say(world, `etcd: ${winner} leads`);
}

function write(world: World, leader: string): void {
  const { etcd } = world;
  const own = diskOf(world, hostOf(world, leader));
  if (own === undefined) return;
  for (const name of liveMembers(world)) {
    const disk = diskOf(world, hostOf(world, name));
    if (disk !== undefined) disk.index = own.index;
  }
  if (own.index < etcd.acknowledged)
    violate(
      world,
      'P1',
      `a write was committed at ${own.index + 1}, and ${etcd.acknowledged} had been acknowledged: writes are lost`,
    );
  const index = own.index + 1;
  for (const name of someMajority(world, leader)) {
    const disk = diskOf(world, hostOf(world, name));
    if (disk !== undefined) disk.index = index;
  }
  etcd.acknowledged = Math.max(etcd.acknowledged, index);
}

function shuffled<T>(world: World, items: T[]): T[] {
  return items
    .map((item) => ({ item, at: world.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
