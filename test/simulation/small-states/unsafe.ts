import type { EtcdMember } from '../../../cluster/observation.ts';
import type { EtcdState } from './etcd-states.ts';
import type { MembershipCall } from './membership-calls.ts';

/**
 * The rules of a membership change, written down a second time and by arithmetic alone (reliability §1.2, tables T1 and T2). Returns
 * the id of the first that a call breaks in a state when it is sent to a member; undefined when it is safe.
 */
export function ruleBrokenBy(call: MembershipCall, state: EtcdState, receiver: string): string | undefined {
  const { members } = state.etcd;
  const voters = members.filter(({ role }) => role === 'voter');
  if (inSync(voters) < majority(voters.length)) return 'I-01';
  if (call.kind === 'add') return brokenByAddition(call, state, voters);
  const subject = members.find(({ id }) => id === call.memberId);
  if (subject === undefined) return 'I-11';
  switch (call.kind) {
    case 'promote':
      return brokenByPromotion(call, { subject, voters, members, receiver });
    case 'remove healthy':
      return brokenByRemoval(subject, state, voters);
    case 'remove failed':
      return brokenByGivingUp(call, { subject, voters, state });
    case 'remove learner':
      return subject.role === 'learner' && call.recorded === subject.id ? undefined : 'I-13';
  }
}

const inSync = (members: EtcdMember[]): number => members.filter(({ sync }) => sync === 'synced').length;
const majority = (size: number): number => (size - (size % 2)) / 2 + 1;
const learnersIn = ({ etcd }: EtcdState): number => etcd.members.filter(({ role }) => role === 'learner').length;

function isDisturbed(members: EtcdMember[]): boolean {
  const voters = members.filter(({ role }) => role === 'voter');
  const versions = new Set(voters.filter(({ sync }) => sync === 'synced').map(({ version }) => version));
  return (versions.size > 1 && voters.length > 2) || members.some(({ alarms }) => alarms.length > 0);
}

type Add = Extract<MembershipCall, { kind: 'add' }>;

function brokenByAddition({ peerUrl }: Add, state: EtcdState, voters: EtcdMember[]) {
  const { members } = state.etcd;
  if (members.some(({ peerUrls }) => peerUrls.includes(peerUrl))) return 'I-12';
  if (inSync(voters) < voters.length) return 'I-06';
  if (learnersIn(state) > 0 || state.seconds < 10) return 'I-04';
  if (voters.length > state.wantedSize) return 'I-18';
  return isDisturbed(members) ? 'I-15' : undefined;
}

type Promote = Extract<MembershipCall, { kind: 'promote' }>;

function brokenByPromotion(
  { directory, caughtUpSeconds }: Promote,
  {
    subject,
    voters,
    members,
    receiver,
  }: { subject: EtcdMember; receiver: string } & Record<'voters' | 'members', EtcdMember[]>,
) {
  const behind = 50_000 - Number(subject.appliedIndex);
  if (subject.role === 'voter' || subject.name === '' || behind > 1000) return 'I-07';
  if (directory !== 'matches' || caughtUpSeconds < 2) return 'I-07';
  if (voters.length > 1 && inSync(voters) < majority(voters.length + 1)) return 'I-02';
  if (members.find(({ id }) => id === receiver)?.leader !== 'leader') return 'I-17';
  return isDisturbed(members) ? 'I-15' : undefined;
}

function brokenByRemoval(leaver: EtcdMember, state: EtcdState, voters: EtcdMember[]) {
  const left = voters.filter((voter) => voter !== leaver);
  const { wantedSize, seconds } = state;
  if (voters.length < 2) return 'I-10';
  if (leaver.role === 'learner' || leaver.sync !== 'synced' || leaver.leader !== 'follower') return 'I-08';
  if (inSync(left) < majority(left.length)) return 'I-02';
  if (inSync(left) - 1 < majority(left.length) && !(wantedSize < 3 && left.length < 3)) return 'I-03';
  if (voters.length <= wantedSize) return 'I-18';
  if (learnersIn(state) > 0 || seconds < 10) return 'I-04';
  return isDisturbed(state.etcd.members) ? 'I-15' : undefined;
}

type GiveUp = Extract<MembershipCall, { kind: 'remove failed' }>;

function brokenByGivingUp(
  { cause }: GiveUp,
  { subject, voters, state }: { subject: EtcdMember; voters: EtcdMember[]; state: EtcdState },
) {
  if (voters.length < 2) return 'I-10';
  if (subject.role === 'learner' || subject.sync === 'synced' || cause === 'none' || state.seconds < 10) return 'I-09';
  const corrupt = state.etcd.members.some(({ alarms }) => alarms.includes('CORRUPT'));
  return corrupt ? 'I-15' : undefined;
}
