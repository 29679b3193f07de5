import { minorsAhead, versionOf } from './versions.ts';
import { say, violate, type EtcdDisk, type Host, type ModelMember, type World } from './world.ts';

export function memberOn(world: World, name: string): ModelMember | undefined {
  return world.etcd.members.find(({ node }) => node === name);
}

export const voters = ({ etcd }: World): ModelMember[] => etcd.members.filter(({ role }) => role === 'voter');

/** The directory that holds what a listed member knows. */
export function memberDisk(world: World, name: string): EtcdDisk | undefined {
  const member = memberOn(world, name);
  if (member === undefined) return undefined;
  for (const disk of world.hosts.get(name)?.directories.values() ?? [])
    if (disk.memberId === member.memberId) return disk;
  return undefined;
}

/** Whether the process of the listed member on a host runs, has data, and has had a second to start. */
export function isMemberUp(world: World, name: string): boolean {
  const host = world.hosts.get(name);
  const container = host?.containers.get('etcd');
  if (host?.power !== 'on' || container?.state !== 'running' || world.now - container.startedAt < 1) return false;
  return memberDisk(world, name)?.content === 'data';
}

const liveMembers = (world: World): string[] =>
  world.etcd.members.map(({ node }) => node).filter((node) => isMemberUp(world, node));

const liveVoters = (world: World): string[] =>
  voters(world)
    .map(({ node }) => node)
    .filter((node) => isMemberUp(world, node));

/** Asked more often than anything else: no list is made for it. */
export function hasQuorum(world: World): boolean {
  let [live, all] = [0, 0];
  for (const { role, node } of world.etcd.members) {
    if (role !== 'voter') continue;
    all += 1;
    if (isMemberUp(world, node)) live += 1;
  }
  return live > all / 2;
}

export function isSynced(world: World, name: string): boolean {
  const { leader, acknowledged } = world.etcd;
  const disk = memberDisk(world, name);
  if (disk === undefined || leader === undefined || !isMemberUp(world, name)) return false;
  return hasQuorum(world) && disk.index >= acknowledged - 2;
}

/** The directory of a host's current membership. */
export function diskOf(world: World, host: Host): EtcdDisk | undefined {
  const { etcd } = world.records;
  const directory = etcd.state === 'never' ? undefined : etcd.memberships[host.name]?.directory;
  return directory === undefined ? undefined : host.directories.get(directory);
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
  agreeOnVersion(world);
  if (etcd.leader === undefined) elect(world);
  else write(world, etcd.leader);
}

/** The version of the oldest member, once all of them are up. */
function agreeOnVersion(world: World): void {
  const { etcd } = world;
  for (const { node } of etcd.members) if (!isMemberUp(world, node)) return;
  const versions = etcd.members.flatMap(({ node }) => {
    const container = world.hosts.get(node)?.containers.get('etcd');
    return (container && versionOf(world, container)) ?? [];
  });
  const [first] = versions;
  if (first !== undefined)
    etcd.agreedVersion = versions.reduce((oldest, one) => (minorsAhead(one, oldest) < 0 ? one : oldest));
}

/** The leader brings its successor up to date before it hands over. */
export function transferLeadership(world: World, memberId: string): void {
  const { etcd } = world;
  const successor = etcd.members.find((member) => member.memberId === memberId)?.node;
  if (successor === undefined || etcd.leader === undefined || !isMemberUp(world, successor)) return;
  const [from, to] = [etcd.leader, successor].map((name) => memberDisk(world, name));
  if (from !== undefined && to !== undefined) to.index = from.index;
  etcd.leader = successor;
}

/** A majority that is live, chosen at random: a member outside it is slow at this moment. */
function someMajority(world: World, including: string | undefined): string[] {
  const live = shuffled(world, liveVoters(world)).toSorted((a, b) => Number(b === including) - Number(a === including));
  return live.slice(0, Math.floor(voters(world).length / 2) + 1);
}

function elect(world: World): void {
  const electors = someMajority(world, undefined);
  const indexOf = (name: string) => memberDisk(world, name)?.index ?? 0;
  const [winner] = electors.toSorted((a, b) => indexOf(b) - indexOf(a));
  world.etcd.leader = winner;
  say(world, `etcd: ${winner} leads`);
}

function write(world: World, leader: string): void {
  const { etcd } = world;
  const own = memberDisk(world, leader);
  if (own === undefined) return;
  for (const name of liveMembers(world)) {
    const disk = memberDisk(world, name);
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
    const disk = memberDisk(world, name);
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
