import { describeSubject, unasked, type PendingApproval } from '../approval.ts';
import type { ApprovalReason } from '../declaration/maintenance.ts';
import type { Blocker } from '../plan.ts';
import type { Step } from '../steps/step.ts';
import type { Target } from '../steps/base.ts';
import { maySimplyStart, startAsItStands } from './etcd-start.ts';
import { placements, type Facts } from './facts.ts';
import { isStopped, startTarget } from './placement.ts';
import { risksOf, type Risk } from './risk.ts';

/** What may be done now, what waits for a person's yes, and what a person has refused. */
export interface Asked {
  steps: Step[];
  pending: PendingApproval[];
  blockers: Blocker[];
}

type Answer =
  | { answer: 'yes'; risk?: ApprovalReason; approvals: string[] }
  | { answer: 'open'; questions: PendingApproval[] }
  | { answer: 'no'; blocker: Blocker };

/**
 * Sets aside what the declaration wants a person to be asked about, target by target, so that everything else goes on (DESIGN
 * §7.7). Steps that are left say which risk they bear and which approvals allow them.
 */
export function askForApproval(facts: Facts, steps: Step[]): Asked {
  const all = steps.map((step) => askForStep(facts, step));
  return {
    steps: all.flatMap((asked) => asked.steps),
    pending: merged(all.flatMap((asked) => asked.pending)),
    blockers: all.flatMap((asked) => asked.blockers),
  };
}

/** Whether a step would be set aside, wholly or in part. */
export function lacksApproval(facts: Facts, step: Step): boolean {
  const { pending, blockers } = askForStep(facts, step);
  return pending.length + blockers.length > 0;
}

function askForStep(facts: Facts, step: Step): Asked {
  const targets = targetsOf(step);
  const answers = targets.map((target) => ({ target, ...answerFor(facts, step, target) }));
  const risky = answers.some((one) => one.answer !== 'yes' || one.risk !== undefined);
  return {
    steps: risky ? [...allowedParts(step, answers), ...startedMeanwhile(facts, step, answers)] : [step],
    pending: answers.flatMap((one) => (one.answer === 'open' ? one.questions : [])),
    blockers: answers.flatMap((one) => (one.answer === 'no' ? [one.blocker] : [])),
  };
}

function targetsOf(step: Step): Target[] {
  if ('target' in step) return [step.target];
  return 'targets' in step && step.kind !== 'bootstrap-etcd' ? step.targets : [];
}

function answerFor(facts: Facts, step: Step, target: Target): Answer {
  const { revision, fingerprintOf, stateOf } = facts.approvals ?? unasked;
  const risks = risksOf(step, target, facts);
  const policy = facts.declaration.approvals.required_for;
  const required = risks.filter(({ risk, asked }) => asked === 'always' || policy.includes(risk));
  const questions = required.map((one) => question(one, target, fingerprintOf({ ...one.subject, revision }), revision));
  for (const one of questions) {
    const found = stateOf(one.fingerprint);
    if (found.state === 'rejected') return { answer: 'no', blocker: rejected(one, found) };
  }
  const open = questions.filter(({ fingerprint }) => stateOf(fingerprint).state === 'open');
  if (open.length > 0) return { answer: 'open', questions: open };
  const risk = (required[0] ?? risks[0])?.risk;
  return { answer: 'yes', approvals: questions.map(({ fingerprint }) => fingerprint), ...(risk && { risk }) };
}

function question({ risk, subject, because }: Risk, { node }: Target, fingerprint: string, revision: number) {
  return { ...subject, revision, fingerprint, risk, because, nodes: [node] };
}

function rejected(one: PendingApproval, { by, reason }: { by: string; reason?: string }): Blocker {
  const why = reason === undefined ? '' : `: ${reason}`;
  return {
    gate: 'approval-rejected',
    code: 'ApprovalRefused',
    because: `${describeSubject(one)} was rejected by ${by}${why}`,
    fix: 'take the change out of the declaration; another revision of it, be it by a comment, asks anew',
  };
}

/** The targets that are allowed, in one step for each risk. */
function allowedParts(step: Step, answers: (Answer & { target: Target })[]): Step[] {
  const yes = answers.filter((one) => one.answer === 'yes');
  const groups = Object.values(Object.groupBy(yes, ({ risk, approvals }) => `${risk} ${approvals.join()}`));
  return groups.flatMap((group = []): Step[] => {
    const [first] = group;
    if (first === undefined) return [];
    const allowed = {
      ...(first.risk && { risk: first.risk }),
      ...(first.approvals.length > 0 && { approvals: first.approvals }),
    };
    const kept = new Set<Target>(group.map(({ target }) => target));
    return 'targets' in step
      ? [{ ...step, targets: (step.targets as Target[]).filter((target) => kept.has(target)), ...allowed }]
      : [{ ...step, ...allowed }];
  });
}

/** What is not to be replaced without a yes, and has stopped, is started as it stands: an unanswered question keeps nothing down. */
function startedMeanwhile(facts: Facts, step: Step, answers: (Answer & { target: Target })[]): Step[] {
  const component = step.kind === 'restart-etcd-member' ? 'etcd' : step.kind === 'run-component' && step.component;
  if (!component) return [];
  const waiting = answers.flatMap(({ answer, target: { node } }) => (answer === 'yes' ? [] : [node]));
  const nodes = facts.declaration.nodes.filter(({ name }) => waiting.includes(name));
  const stopped = placements(facts, component, nodes).filter((one) => isStopped(one) && one.aside === undefined);
  if (component === 'etcd') return stopped.filter(maySimplyStart).map(startAsItStands);
  return stopped.length === 0
    ? []
    : [{ kind: 'start-component', component, targets: stopped.map(startTarget), disruption: 'none' }];
}

/** The same question about several nodes is asked once. */
function merged(questions: PendingApproval[]): PendingApproval[] {
  if (questions.length === 0) return [];
  const groups = Object.values(Object.groupBy(questions, ({ fingerprint }) => fingerprint));
  return groups.flatMap((group = []) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, nodes: [...new Set(group.flatMap(({ nodes }) => nodes))] }];
  });
}
