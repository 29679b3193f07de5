import type { EtcdMember } from '../observation.ts';
import type { Blocker, Wait } from '../plan.ts';
import { nothing, type Contribution, type Placement } from './facts.ts';
import { crashLoopRestarts, mayRecover } from './placement.ts';

/** Seconds after its start within which a member may catch up before a person is told. */
const catchUpSeconds = 60;

/** Voters that are not in sync: waited for while they have just started, reported after that. */
export function unsyncedMembers(voters: EtcdMember[], placed: Placement[]): Contribution {
  const synced = voters.filter(({ sync }) => sync === 'synced').length;
  const waits: Wait[] = [];
  const blockers: Blocker[] = [];
  for (const member of voters) {
    if (member.sync === 'synced') continue;
    const who = member.node ?? member.id;
    const what = member.sync === 'unknown' ? 'not observable' : 'not in sync';
    const because = `the etcd member on ${who} is ${what} (${member.because ?? 'no reason given'}); ${synced} of ${voters.length} voters are in sync`;
    if (placed.some((one) => one.node.name === member.node && isComingUp(one)))
      waits.push({ on: `etcd on ${who}`, because });
    else blockers.push(sick(member, because));
  }
  return { ...nothing, waits, blockers };
}

/** Has just started, or is being started again by the engine: not a matter for a person yet. */
export function isComingUp(one: Placement): boolean {
  const { container } = one;
  const hasJustStarted =
    container?.state === 'running' &&
    container.upSeconds < catchUpSeconds &&
    (container.restarts ?? 0) < crashLoopRestarts;
  return hasJustStarted || mayRecover(one);
}

function sick({ id, node }: EtcdMember, because: string): Blocker {
  return {
    gate: 'etcd-member',
    code: 'EtcdUnavailable',
    ...(node !== undefined && { node }),
    component: 'etcd',
    because,
    fix: `cke-client why ${node ?? id}`,
  };
}

/** Alarms that etcd has raised: reported, never passed over (I-15). */
export function alarmedMembers(members: EtcdMember[]): Blocker[] {
  return members
    .filter(({ alarms }) => alarms.length > 0)
    .map(({ node, id, alarms }) => ({
      gate: 'I-15',
      code: 'EtcdRefused',
      ...(node !== undefined && { node }),
      component: 'etcd',
      because: `the etcd member on ${node ?? id} has raised ${alarms.join(', ')}`,
      fix: 'cke-client status shows the members',
    }));
}
