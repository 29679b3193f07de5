import { controlPlanes, controlPlaneNames } from '../declaration/nodes.ts';
import { majorityProblems, overlapProblems } from '../declaration/changes.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { problemAt, type Problem } from '../declaration/problem.ts';
import { quorum } from '../etcd/quorum.ts';
import type { EtcdView } from '../view.ts';

interface ObservedChange {
  accepted: Declaration;
  wished: Declaration;
  etcd: EtcdView;
}

type Members = Extract<EtcdView, { state: 'observed' }>['members'];

/**
 * Judges a change of the control planes by what is observed: rules 57 and 59, and a shrink to one (58). Refused with the numbers
 * before anything starts; an empty list means that nothing speaks against it. Only changes that take a control plane away are judged.
 */
export function judgeObservedChange({ accepted, wished, etcd }: ObservedChange): Problem[] {
  const after = controlPlaneNames(wished);
  const leaving = controlPlanes(accepted).filter(({ name }) => !after.includes(name));
  if (leaving.length === 0) return [];
  const names = leaving.map(({ name }) => name);
  if (etcd.state === 'unobservable')
    return refusal(
      `${names.join(', ')} would leave`,
      'a majority of etcd’s members in sync',
      `etcd can’t be observed, and unknown is never fine: ${etcd.because}`,
    );
  const voters = etcd.members.filter(({ role }) => role === 'voter');
  return [
    ...marginProblems(voters, names),
    ...singleProblems(voters, after),
    ...exchangedMeanwhile({ accepted, wished }, voters),
  ];
}

/**
 * D-04 as etcd is: changes that are accepted before those of before are done add up, and one by one they would replace all. What the
 * documents tell by themselves is told of them.
 */
function exchangedMeanwhile({ accepted, wished }: Omit<ObservedChange, 'etcd'>, voters: Members): Problem[] {
  if (wished.update_strategy.rolling_replace || majorityProblems(accepted, wished).length > 0) return [];
  const after = controlPlaneNames(wished);
  return overlapProblems({
    present: voters.length,
    what: 'members of etcd',
    leaving: voters.flatMap(({ node }) => (after.includes(node) ? [] : node)).toSorted(),
    otherwise: 'wait until what was accepted before has converged',
  });
}

/** Rules 57, 59: a member in sync is not given up while another that stays is not: the margin would be gone. */
function marginProblems(voters: Members, leaving: string[]): Problem[] {
  const down = voters.filter(({ node, sync }) => sync !== 'synced' && !leaving.includes(node));
  const healthy = voters.filter(({ node, sync }) => sync === 'synced' && leaving.includes(node));
  if (down.length === 0 || healthy.length === 0) return [];
  const left = voters.filter(({ node }) => !leaving.includes(node));
  const synced = left.length - down.length;
  const sick = down.map(({ node, sync }) => `${node} is ${sync}`).join(', ');
  return refusal(
    `${healthy
      .map(({ node }) => node)
      .toSorted()
      .join(', ')} in sync would leave while ${sick}`,
    'all members that stay in sync',
    `${synced} of the ${left.length} that stay are in sync and ${quorum(left.length)} are a quorum: margin ${synced - quorum(left.length)}; bring back or replace ${down.map(({ node }) => node).join(', ')} first`,
  );
}

/** A shrink to one passes through two, where every failure stops writes: not while any member is down. */
function singleProblems(voters: Members, after: string[]): Problem[] {
  if (after.length !== 1 || voters.length < 2) return [];
  const down = voters.filter(({ sync }) => sync !== 'synced');
  if (down.length === 0) return [];
  return refusal(
    `${voters.length - down.length} of ${voters.length} members in sync`,
    `all ${voters.length} in sync`,
    `a cluster of one bears no failure, and on the way there neither: ${down.map(({ node }) => node).join(', ')} has to be back first`,
  );
}

function refusal(got: string, want: string, hint: string): Problem[] {
  return [problemAt(['nodes'], undefined, { code: 'control-plane-margin', got: got.slice(0, 120), want, hint })];
}
