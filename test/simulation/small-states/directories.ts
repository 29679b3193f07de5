import { mayStartEmpty, mayWipe, type WipeDirectory } from '../../../cluster/etcd/directory.ts';
import type { EtcdRecord } from '../../../cluster/observation.ts';
import { etcdStates, peerUrlOf, type EtcdState } from './etcd-states.ts';

/** Puts every directory into the trash, and starts etcd on every empty one, in small states: the rules that are broken when it is allowed. */
export function brokenDirectoryRules(): { states: number; allowed: number; broken: string[] } {
  const broken = new Set<string>();
  let [states, allowed] = [0, 0];
  for (const state of calmStates())
    for (const wipe of wipesOn(state)) {
      states += 1;
      if (mayWipe(wipe).kind !== 'allowed') continue;
      allowed += 1;
      const rule = ruleBrokenByWiping(wipe);
      if (rule !== undefined) broken.add(rule);
    }
  for (const { etcd } of calmStates())
    for (const record of records)
      for (const member of [undefined, ...etcd.members]) {
        states += 1;
        if (mayStartEmpty({ record, ...(member && { member }) }).kind !== 'allowed') continue;
        allowed += 1;
        const isNewLearner = member?.role === 'learner' && member.name === '';
        if (!isNewLearner && !(record.state === 'started' && member === undefined)) broken.add('W-04');
      }
  return { states, allowed, broken: [...broken] };
}

const records: EtcdRecord[] = [
  { state: 'never' },
  { state: 'started', token: 't', memberships: {} },
  { state: 'done', token: 't', memberships: {} },
];

/** Two members and a learner are enough: directories know nothing of alarms and sizes. */
function* calmStates(): Generator<EtcdState> {
  for (const state of etcdStates())
    if (state.etcd.members.length <= 3 && state.wantedSize === 3 && state.seconds === 0) yield state;
}

function* wipesOn({ etcd }: EtcdState): Generator<WipeDirectory> {
  for (const memberId of [undefined, '1', '6', '99'])
    for (const clusterId of [undefined, '77', '66'])
      for (const container of ['stopped', 'absent', 'running', 'unknown'] as const)
        for (const condemned of ['yes', 'no'] as const)
          for (const number of [1, 9])
            yield {
              directory: { state: 'intact', ...(memberId && { memberId }), ...(clusterId && { clusterId }) },
              container,
              etcd,
              peerUrl: peerUrlOf(number),
              condemned,
            };
}

/** W-01, W-03, W-07 (reliability §1.3). */
function ruleBrokenByWiping({ directory, container, etcd, peerUrl, condemned }: WipeDirectory): string | undefined {
  if (container === 'running' || container === 'unknown') return 'W-07';
  const { memberId, clusterId } = directory;
  if (memberId === undefined) {
    const isCounted = etcd.members.some(({ peerUrls }) => peerUrls.includes(peerUrl));
    return isCounted || condemned === 'no' ? 'W-03' : undefined;
  }
  if (etcd.members.some(({ id }) => id === memberId)) return 'W-01';
  return clusterId !== etcd.clusterId && condemned === 'no' ? 'W-01' : undefined;
}
