import { unasked, type PendingApproval } from '../approval.ts';
import type { Blocker, Wait } from '../plan.ts';
import type { DeleteResources } from '../steps/object-steps.ts';
import type { Step } from '../steps/step.ts';
import type { ResourceFindings } from '../resources/user/findings.ts';
import { inOrder, isWorkload, takesMoreAlong } from '../resources/user/rank.ts';
import { describeResource, type ResourceKey } from '../resources/user/resource-key.ts';
import { nothing, type Facts, type PhaseRule } from './facts.ts';

/** More than this comes in a later round: payloads stay small. */
const largestStep = 1000;

/** What is told of many bad objects. */
const mostTold = 20;

/** Objects of users: applied in the order of their ranks, and what is defined no more deleted once nothing is left to apply. */
export const userResources: PhaseRule = (facts) => {
  const findings = findingsIn(facts);
  if (findings === undefined) return nothing;
  const held = findings.outdated.filter(({ key }) => isWorkload(key) && !hasNodes(facts));
  const due = findings.outdated.filter((one) => !held.includes(one));
  const waits: Wait[] =
    held.length === 0 ? [] : [{ on: describeSome(held), because: 'half of the nodes are not Ready yet' }];
  const steps: Step[] = due.length > 0 ? [applying(due)] : deleting(facts, findings);
  return { ...nothing, steps, waits, blockers: [...complaints(findings), ...rejections(facts, findings)] };
};

/** Deletions that a person is asked about: they take along what others have put there. */
export function openDeletions(facts: Facts): PendingApproval[] {
  const { stateOf } = facts.approvals ?? unasked;
  const asked = questions(facts, findingsIn(facts)).values();
  return [...asked].filter(({ fingerprint }) => stateOf(fingerprint).state === 'open');
}

function findingsIn({ observation: { kubernetes } }: Facts): ResourceFindings | undefined {
  return kubernetes.state === 'observed' ? kubernetes.resources : undefined;
}

/** Pods that come before the nodes would all go to the first one (reference §6.3). */
function hasNodes({ declaration, observation: { kubernetes } }: Facts): boolean {
  if (kubernetes.state !== 'observed') return false;
  const ready = kubernetes.nodes.filter((node) => node.ready === 'true').length;
  return ready > Math.floor(declaration.nodes.length / 2);
}

function applying(due: ResourceFindings['outdated']): Step {
  const reasons = Map.groupBy(due, ({ because }) => because);
  const because = [...reasons]
    .slice(0, 3)
    .map(([reason, some]) => `${some.length === 1 ? describeSome(some) : some.length}: ${reason}`)
    .join('; ');
  const keys = inOrder(due.map(({ key }) => key)).slice(0, largestStep);
  return { kind: 'apply-resources', keys, because, disruption: 'none' };
}

function deleting(facts: Facts, findings: ResourceFindings): Step[] {
  const { stateOf } = facts.approvals ?? unasked;
  const asked = questions(facts, findings);
  const allowed = findings.unwanted.filter(({ key }) => {
    const question = asked.get(key);
    return question === undefined || stateOf(question.fingerprint).state === 'approved';
  });
  if (allowed.length === 0) return [];
  const keys = inOrder(allowed.map(({ key }) => key))
    .toReversed()
    .slice(0, largestStep);
  const approvals = keys.flatMap((key) => asked.get(key)?.fingerprint ?? []);
  const because = allowed[0]?.because ?? '';
  const step: DeleteResources = { kind: 'delete-resources', keys, because, disruption: 'none' };
  return [approvals.length > 0 ? { ...step, risk: 'data-loss', approvals } : step];
}

function questions(facts: Facts, findings: ResourceFindings | undefined): Map<ResourceKey, PendingApproval> {
  const { fingerprintOf } = facts.approvals ?? unasked;
  const risky = findings?.unwanted.filter(({ key, fate }) => fate === 'delete' && takesMoreAlong(key)) ?? [];
  return new Map(
    risky.map(({ key, revision }) => {
      const target = describeResource(key);
      const subject = { kind: 'delete-resource', target, from: `definition ${revision}`, to: 'gone', revision: 0 };
      const because = `its definition was deleted; ${target} takes along what others have put there`;
      return [key, { ...subject, fingerprint: fingerprintOf(subject), risk: 'data-loss', because, nodes: [] }];
    }),
  );
}

function rejections(facts: Facts, findings: ResourceFindings): Blocker[] {
  const { stateOf } = facts.approvals ?? unasked;
  return [...questions(facts, findings).values()].flatMap(({ target, fingerprint }): Blocker[] => {
    const answer = stateOf(fingerprint);
    if (answer.state !== 'rejected') return [];
    return [
      {
        gate: 'approval-rejected',
        code: 'ApprovalRefused',
        because: `${target} is defined no more, and ${answer.by} has rejected to delete it`,
        fix: 'define it again with cke-client resource set; with the annotation cke.cybozu.com/prune: disabled it stays when its definition goes',
      },
    ];
  });
}

function complaints({ refused, unknown }: ResourceFindings): Blocker[] {
  const bad = refused.slice(0, mostTold).map(({ key, because }): Blocker => ({
    gate: 'resource-refused',
    code: 'KubernetesRefused',
    because: `${describeResource(key)}: ${because}`,
    fix: 'correct it, then: cke-client resource set FILE; it is tried again from time to time as it is',
  }));
  const more: Blocker[] =
    refused.length > mostTold
      ? [
          {
            gate: 'resource-refused',
            code: 'KubernetesRefused',
            because: `${refused.length - mostTold} more resources are refused`,
            fix: 'cke-client resource list',
          },
        ]
      : [];
  const unseen = unknown.map(({ kind, because }): Blocker => ({
    gate: 'resource-unknown',
    code: 'KubernetesRefused',
    because: `resources of ${kind.replace(/^\//, '')} can't be observed: ${because}`,
  }));
  return [...bad, ...more, ...unseen];
}

function describeSome(some: { key: ResourceKey }[]): string {
  const [first, ...others] = some.map(({ key }) => describeResource(key));
  return others.length === 0 ? (first ?? '') : `${first} and ${others.length} more`;
}
