import { memberships, type Memberships } from '../../../activities/etcd/members.ts';
import type { FailureCause } from '../../../cluster/etcd/removal.ts';
import { CkeError } from '../../../cluster/errors.ts';
import type { EtcdMember, Membership } from '../../../cluster/observation.ts';
import { peerUrlOf, type EtcdState } from './etcd-states.ts';

/** A change of the member list that somebody asks for. */
export type MembershipCall =
  | { kind: 'add'; peerUrl: string }
  | { kind: 'promote'; memberId: string; directory: 'matches' | 'differs' | 'unknown'; caughtUpSeconds: number }
  | { kind: 'remove healthy'; memberId: string }
  | { kind: 'remove failed'; memberId: string; cause: FailureCause | 'none' }
  | { kind: 'remove learner'; memberId: string; recorded: string };

/** Everything that could be asked for in a state; one call names its member as nobody should, by what is no id (I-11). */
export function callsOn({ etcd }: EtcdState): MembershipCall[] {
  const ids = etcd.members.map(({ id }) => id);
  const [first] = etcd.members;
  return [
    ...[1, 6, 7].map((number) => ({ kind: 'add' as const, peerUrl: peerUrlOf(number) })),
    ...(['matches', 'differs', 'unknown'] as const).map((directory) => ({
      kind: 'promote' as const,
      memberId: '6',
      directory,
      caughtUpSeconds: 60,
    })),
    { kind: 'promote', memberId: '6', directory: 'matches', caughtUpSeconds: 1 },
    { kind: 'remove failed', memberId: first?.name ?? '', cause: 'not-declared' },
    ...ids.flatMap((memberId): MembershipCall[] => [
      { kind: 'remove healthy', memberId },
      { kind: 'remove failed', memberId, cause: 'not-declared' },
      { kind: 'remove failed', memberId, cause: 'none' },
      { kind: 'remove learner', memberId, recorded: memberId },
      { kind: 'remove learner', memberId, recorded: 'another' },
    ]),
  ];
}

const graceSeconds = 10;

/** The id of the member that the real activity sends the call to, `any` when each would do; undefined when a rule stands in between. */
export async function receiverOf({ etcd, wantedSize, seconds }: EtcdState, call: MembershipCall) {
  let receiver: string | undefined;
  const gateway = (id: string) => {
    const send = async () => {
      receiver = id;
    };
    return { addLearner: send, promote: send, remove: send };
  };
  const ports = {
    facts: async () => etcd,
    gatewayOf: (_reach: unknown, { id }: EtcdMember) => gateway(id),
    syncedGateway: () => gateway('any'),
  };
  const ask = memberships(ports as unknown as Parameters<typeof memberships>[0]);
  try {
    await asked(ask, { wantedSize, seconds }, call);
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
  }
  return receiver;
}

const membershipOf = (memberId: string): Membership => ({ directory: 'm-1', state: 'settled', memberId });

const reach = { cluster: 'model', nodes: [], credentials: {}, knownMembers: [] };

function asked(ask: Memberships, { wantedSize, seconds }: Omit<EtcdState, 'etcd'>, call: MembershipCall) {
  const to = reach as unknown as Parameters<Memberships['removeLearner']>[0];
  switch (call.kind) {
    case 'add':
      return ask.addLearner({ ...to, ...call, wantedSize, stableSeconds: seconds });
    case 'promote':
      return ask.promote({ ...to, ...call });
    case 'remove healthy':
      return ask.removeHealthyVoter({ ...to, ...call, wantedSize, stableSeconds: seconds });
    case 'remove failed':
      return ask.removeFailedVoter({ ...to, ...call, failedSeconds: seconds, graceSeconds });
    case 'remove learner':
      return ask.removeLearner({ ...to, memberId: call.memberId, recorded: membershipOf(call.recorded) });
  }
}
