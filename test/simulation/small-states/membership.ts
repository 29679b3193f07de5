import { etcdStates, type EtcdState } from './etcd-states.ts';
import { callsOn, receiverOf, type MembershipCall } from './membership-calls.ts';
import { ruleBrokenBy } from './unsafe.ts';

export interface UnsafeCall {
  rule: string;
  call: MembershipCall;
  state: EtcdState;
}

/** Asks the real activities for every change in every small state: what is sent, and breaks a rule. */
export async function unsafeMembershipCalls({ enough }: { enough: number }) {
  const unsafe: UnsafeCall[] = [];
  let [states, sent] = [0, 0];
  for (const state of etcdStates()) {
    states += 1;
    for (const call of callsOn(state)) {
      const receiver = await receiverOf(state, call);
      if (receiver === undefined) continue;
      sent += 1;
      const rule = ruleBrokenBy(call, state, receiver);
      if (rule !== undefined) unsafe.push({ rule, call, state });
      if (unsafe.length >= enough) return { states, sent, unsafe };
    }
  }
  return { states, sent, unsafe };
}
