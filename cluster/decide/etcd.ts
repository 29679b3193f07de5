import { controlPlanes } from '../declaration/nodes.ts';
import { bootstrapEtcd } from './etcd-bootstrap.ts';
import { maintainEtcd } from './etcd-maintenance.ts';
import { isLeaving } from './leaving-members.ts';
import { changeMembership } from './membership.ts';
import { startLeaving, startStopped } from './etcd-start.ts';
import { alarmedMembers, isComingUp, unsyncedMembers } from './etcd-voters.ts';
import type { EtcdRecord } from '../observation.ts';
import { combine, nothing, placements, type Contribution, type Facts, type Placement } from './facts.ts';

export interface EtcdDecision extends Contribution {
  /** Whether Kubernetes may be built on it now. */
  serves: 'yes' | 'no';
}

/** etcd: bootstrapped once, its stopped members started, settled and restarted one at a time; its members changed one at a time, too. */
export function decideEtcd(facts: Facts): EtcdDecision {
  const { records, etcd } = facts.observation;
  if (records.etcd.state !== 'done') return { ...bootstrapEtcd(facts), serves: 'no' };
  const members = placements(facts, 'etcd', controlPlanes(facts.declaration));
  const settled = members.filter(({ node }) => records.etcd.state === 'done' && isSettled(records.etcd, node.name));
  const start = startStopped(facts, settled);
  if (etcd.state === 'unobservable')
    return { ...combine([start, startLeaving(facts), unobservable(etcd.because, members)]), serves: 'no' };
  const voters = etcd.members.filter(({ role }) => role === 'voter');
  const serves = voters.filter(({ sync }) => sync === 'synced').length > voters.length / 2 ? 'yes' : 'no';
  const maintenance = start.steps.length > 0 || serves === 'no' ? nothing : maintainEtcd(facts, settled);
  const membership = start.steps.length > 0 || serves === 'no' ? nothing : changeMembership(facts, etcd, members);
  const staying = voters.filter((member) => !isLeaving(facts, member));
  // Without a quorum those that are to go are what everything waits for, too.
  const unsynced = unsyncedMembers(serves === 'yes' ? staying : voters, members);
  const explained = new Set(start.blockers.map(({ node }) => node));
  return {
    ...combine([start, ...(serves === 'no' ? [startLeaving(facts)] : []), maintenance, membership, unsynced]),
    blockers: [
      ...start.blockers,
      ...unsynced.blockers.filter(({ node }) => !explained.has(node)),
      ...maintenance.blockers,
      ...membership.blockers,
      ...alarmedMembers(etcd.members),
    ],
    serves,
  };
}

const isSettled = ({ memberships }: Exclude<EtcdRecord, { state: 'never' }>, node: string): boolean =>
  memberships[node]?.state === 'settled';

/** Nothing is known of the members: expected while some have just started, a matter for a person after that. */
function unobservable(reason: string, members: Placement[]): Contribution {
  const because = `etcd can't be observed: ${reason}`;
  if (members.some(isComingUp)) return { ...nothing, waits: [{ on: 'etcd', because }] };
  const fix = 'bring back a majority of its members; cke-client why <node> tells what each of them says';
  return { ...nothing, blockers: [{ gate: 'I-01', code: 'EtcdUnavailable', component: 'etcd', because, fix }] };
}
