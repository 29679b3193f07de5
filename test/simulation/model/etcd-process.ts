import { nodeAt } from '../../../cluster/declaration/nodes.ts';
import type { ComponentSpec } from '../../../cluster/components/spec.ts';
import { hasQuorum, memberOn } from './etcd.ts';
import { knownVersion, minorsAhead } from './versions.ts';
import { latest, violate, type EtcdDisk, type Host, type ModelMember, type World } from './world.ts';

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
  const { agreedVersion } = world.etcd;
  const version = knownVersion(spec.container.image);
  if (agreedVersion && version && minorsAhead(agreedVersion, version) > 0)
    return ends('cluster version is newer than the version of this member');
  if (disk.content === 'data') {
    const listed = world.etcd.members.some(({ memberId }) => memberId === disk.memberId);
    return listed ? { state: 'up' } : ends('the member has been permanently removed from the cluster');
  }
  const flag = (name: string) =>
    spec.container.command.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
  const token = flag('initial-cluster-token');
  if (token === undefined) return ends('couldn’t find local name in the initial cluster configuration');
  if (flag('initial-cluster-state') === 'existing') return join(world, host, disk, token);
  const known = world.etcd.token === token && memberOn(world, host.name) !== undefined;
  const wasUp = disk.memberId !== '';
  if (known && wasUp && hasQuorum(world)) return ends('member has already been bootstrapped');
  if (wasUp && world.records.etcd.state === 'done')
    violate(world, 'W-05', `the voter on ${host.name} came up on an emptied directory`);
  found(world, token, flag('initial-cluster') ?? '');
  Object.assign(disk, { content: 'data', memberId: `${token}/${host.name}`, token, index: 0, emptied: 'no' });
  return { state: 'up' };
}

/** Joins a cluster that lists it: with the state `existing` even a voter that has lost its data comes back under its old id (finding 2). */
function join(world: World, host: Host, disk: EtcdDisk, token: string): MemberStart {
  const member = memberOn(world, host.name);
  if (world.etcd.token !== token || member === undefined)
    return ends('couldn’t find local name in the initial cluster configuration');
  if (!hasQuorum(world)) return ends('could not get cluster response from its members');
  if (member.role === 'voter') violate(world, 'W-05', `the voter on ${host.name} came up on an empty directory`);
  Object.assign(member, { started: 'yes' });
  Object.assign(disk, { content: 'data', memberId: member.memberId, token, index: 0, emptied: 'no' });
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
    return node === undefined ? [] : [newMember({ node: node.name, memberId: `${token}/${node.name}`, role: 'voter' })];
  });
  Object.assign(etcd, { token, members, leader: undefined, acknowledged: 0, authentication: 'disabled' });
}

export function newMember({ node, memberId, role }: Pick<ModelMember, 'node' | 'memberId' | 'role'>): ModelMember {
  return { node, memberId, role, started: role === 'voter' ? 'yes' : 'no' };
}
