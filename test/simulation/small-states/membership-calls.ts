import { memberships, type Memberships } from '../../../activities/etcd/members.ts';
import type { FailureCause } from '../../../cluster/etcd/removal.ts';
import { CkeError } from '../../../cluster/errors.ts';
import { peerUrlOf, type EtcdState } from './etcd-states.ts';

/** A change of the member list that somebody asks for. */
export type MembershipCall =
  | { kind: 'add'; peerUrl: string; secondsSinceRemoval: number }
  | { kind: 'promote'; memberId: string; directory: 'matches' | 'differs' | 'unknown'; caughtUpSeconds: number }
  | { kind: 'remove healthy'; memberId: string }
  | { kind: 'remove failed'; memberId: string; cause: FailureCause | 'none' }
  | { kind: 'remove learner'; memberId: string };

/** Everything that could be asked for in a state. */
export function callsOn({ etcd }: EtcdState): MembershipCall[] {
  const ids = etcd.members.map(({ id }) => id);
  return [
    ...[1, 6, 7].flatMap((number) =>
      [1, 60].map((secondsSinceRemoval) => ({ kind: 'add' as const, peerUrl: peerUrlOf(number), secondsSinceRemoval })),
    ),
    ...(['matches', 'differs', 'unknown'] as const).map((directory) => ({
      kind: 'promote' as const,
      memberId: '6',
      directory,
      caughtUpSeconds: 60,
    })),
    { kind: 'promote', memberId: '6', directory: 'matches', caughtUpSeconds: 1 },
    ...ids.flatMap((memberId): MembershipCall[] => [
      { kind: 'remove healthy', memberId },
      { kind: 'remove failed', memberId, cause: 'not-declared' },
      { kind: 'remove failed', memberId, cause: 'none' },
      { kind: 'remove learner', memberId },
    ]),
  ];
}

const graceSeconds = 10;

/** Whether the real activity sends the call to etcd in this state: its rules are all that stand between. */
export async function isSent({ etcd, wantedSize, seconds }: EtcdState, call: MembershipCall): Promise<boolean> {
  let sent = false;
  const send = async () => {
    sent = true;
  };
  const gateway = { addLearner: send, promote: send, remove: send };
  const ports = { facts: async () => etcd, gatewayOf: () => gateway, syncedGateway: () => gateway };
  const ask = memberships(ports as unknown as Parameters<typeof memberships>[0]);
  try {
    await asked(ask, { wantedSize, seconds }, call);
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
  }
  return sent;
}

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
      return ask.removeLearner({ ...to, ...call });
  }
}
