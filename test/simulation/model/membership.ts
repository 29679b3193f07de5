import { controlPlanes } from '../../../cluster/declaration/nodes.ts';
import { quorum } from '../../../cluster/etcd/quorum.ts';
import { CkeError } from '../../../cluster/errors.ts';
import { dies } from './engine.ts';
import { hasQuorum, isSynced, memberDisk, voters } from './etcd.ts';
import { newMember } from './etcd-process.ts';
import { hostOf, isReachable, latest, say, violate, type ModelMember, type World } from './world.ts';

/** The member list of the model's etcd, and what an etcd without its own strict checks does when asked to change it. */
function withQuorum(world: World): void {
  if (hasQuorum(world) && world.etcd.leader !== undefined) return;
  throw new CkeError({ code: 'EtcdUnavailable', message: 'etcd does not answer', remedy: 'retry' });
}

export function addLearner(world: World, node: string): ModelMember {
  withQuorum(world);
  if (world.etcd.members.some((member) => member.role === 'learner'))
    violate(world, 'I-04', `a second learner was added, on ${node}`);
  const sick = voters(world).filter((voter) => !isSynced(world, voter.node));
  if (sick.length > 0)
    violate(world, 'I-06', `a learner was added while ${sick.map((one) => one.node).join(', ')} is out of sync`);
  world.nextId += 1;
  const member = newMember({ node, memberId: `member-${world.nextId}`, role: 'learner' });
  world.etcd.members.push(member);
  return member;
}

export function promote(world: World, memberId: string): void {
  withQuorum(world);
  const member = world.etcd.members.find((one) => one.memberId === memberId);
  if (member === undefined || member.role === 'voter') return;
  const index = memberDisk(world, member.node)?.index ?? 0;
  if (member.started === 'no' || index < world.etcd.acknowledged - 1000)
    violate(
      world,
      'I-07',
      `the learner on ${member.node} was promoted at index ${index} of ${world.etcd.acknowledged}`,
    );
  const before = voters(world);
  const synced = before.filter((voter) => isSynced(world, voter.node)).length;
  if (before.length > 1 && synced < quorum(before.length + 1))
    violate(world, 'P2', `a learner was promoted with ${synced} of ${before.length} voters in sync`);
  member.role = 'voter';
}

/** P2, P3, I-03, I-08, I-09, I-10. */
export function remove(world: World, memberId: string): void {
  withQuorum(world);
  const member = world.etcd.members.find((one) => one.memberId === memberId);
  if (member === undefined) return;
  if (member.role === 'voter') judgeRemoval(world, member);
  world.etcd.members = world.etcd.members.filter((one) => one !== member);
  if (world.etcd.leader === member.node) world.etcd.leader = undefined;
  const host = hostOf(world, member.node);
  const container = host.containers.get('etcd');
  if (container?.state === 'running' && host.power === 'on')
    dies(world, host, container, 'the member has been permanently removed from the cluster');
  say(world, `etcd: ${member.node} is no member any more`);
}

function judgeRemoval(world: World, leaver: ModelMember): void {
  const left = voters(world).filter((voter) => voter !== leaver);
  const synced = left.filter((voter) => isSynced(world, voter.node)).length;
  const needed = quorum(left.length);
  const numbers = `the member on ${leaver.node} was removed with ${synced} of ${left.length} others in sync`;
  if (left.length === 0 || synced < needed) violate(world, 'P2', numbers);
  const wanted = controlPlanes(latest(world)).length;
  const mayRestAtTwo = left.length < 3 && wanted < 3;
  // One that nobody can reach counts as failed: its own word is not to be had.
  const healthy = isSynced(world, leaver.node) && isReachable(hostOf(world, leaver.node));
  if (healthy && synced - 1 < needed && !mayRestAtTwo) violate(world, 'P3', numbers);
}
