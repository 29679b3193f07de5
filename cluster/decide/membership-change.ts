import { memberLabel, type ObservedEtcd } from '../etcd/quorum.ts';
import { mayRemoveLearner } from '../etcd/removal.ts';
import type { Verdict } from '../etcd/verdict.ts';
import type { EtcdMember, EtcdRecord } from '../observation.ts';
import type { RemovalManner } from '../steps/etcd-steps.ts';
import type { Step } from '../steps/step.ts';
import { nothing, type Contribution, type Facts, type Placement } from './facts.ts';

/** Rules that time alone fulfils. */
const passing = ['I-04', 'I-07', 'I-09'];

/** What every change of the members is decided on. */
export interface Membering {
  facts: Facts;
  etcd: ObservedEtcd;
  record: Exclude<EtcdRecord, { state: 'never' }>;
  members: Placement[];
}

/** Takes a member out, unless this operation has tried that in vain. */
export function removal(
  { etcd, facts, record }: Membering,
  member: EtcdMember,
  { manner, because }: { manner: RemovalManner; because: string },
): Contribution {
  const node = memberLabel(member);
  if (isTriedInVain(facts, node)) return nothing;
  if (manner === 'learner') {
    const recorded = member.node === undefined ? undefined : record.memberships[member.node];
    const verdict = mayRemoveLearner({ etcd, memberId: member.id, recorded });
    if (verdict.kind !== 'allowed') return notYet(node, verdict);
  }
  return step({ kind: 'remove-etcd-member', manner, memberId: member.id, target: { node, because } });
}

const kinds: Step['kind'][] = ['add-etcd-member', 'settle-etcd-member', 'promote-etcd-member', 'remove-etcd-member'];

/** Whether this operation has failed already to change the member on a node. */
export const isTriedInVain = ({ setAside }: Facts, node: string): boolean =>
  setAside.some((entry) => entry.node === node && kinds.includes(entry.step));

type Bare<S> = S extends Step ? Omit<S, 'disruption'> : never;

/** A plan of one step. */
export const step = (bare: Bare<Step>): Contribution => ({ ...nothing, steps: [{ ...bare, disruption: 'none' }] });

/** Something that comes by itself. */
export const wait = (node: string, because: string): Contribution => ({
  ...nothing,
  waits: [{ on: `etcd on ${node}`, because }],
});

/** Something that waits for what else is in the plan. */
export const held = (node: string, because: string): Contribution => ({
  ...nothing,
  held: [{ gate: 'etcd-membership', node, component: 'etcd', because }],
});

/** What time fulfils is waited for; anything else is for a person. */
export function notYet(node: string, verdict: Exclude<Verdict, { kind: 'allowed' }>): Contribution {
  if (verdict.kind === 'refused' && passing.includes(verdict.rule)) return wait(node, verdict.because);
  return verdict.rule === 'I-15' ? held(node, verdict.because) : blocked(node, verdict);
}

/** For a person, with the rule. */
export function blocked(
  node: string | undefined,
  { rule, because }: Exclude<Verdict, { kind: 'allowed' }>,
): Contribution {
  const fix = node === undefined ? 'cke-client status shows the members' : `cke-client why ${node}`;
  return {
    ...nothing,
    blockers: [
      {
        gate: rule,
        code: 'QuorumAtRisk',
        ...(node !== undefined && { node }),
        component: 'etcd',
        because: `the members of etcd are not changed now: ${because}`,
        fix,
      },
    ],
  };
}
