import { controlPlanes } from '../declaration/nodes.ts';
import type { EtcdMember } from '../observation.ts';
import type { Blocker, Wait } from '../plan.ts';
import { nothing, type Contribution, type Facts, type Placement } from './facts.ts';
import { crashLoopRestarts, isCrashLoop } from './placement.ts';

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
  if (container?.state === 'restarting') return !isCrashLoop(one);
  return (
    container?.state === 'running' &&
    container.upSeconds < catchUpSeconds &&
    (container.restarts ?? 0) < crashLoopRestarts
  );
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

/** Differences between the member list and the declaration, and alarms: reported, never passed over (I-13, I-15). */
export function unexpectedMembers({ declaration }: Facts, members: EtcdMember[]): Blocker[] {
  const masters = controlPlanes(declaration).map(({ name }) => name);
  const foreign = members.filter(({ node }) => node === undefined || !masters.includes(node));
  const lacking = masters.filter((name) => !members.some(({ node }) => node === name));
  const alarmed = members.filter(({ alarms }) => alarms.length > 0);
  return [
    ...foreign.map(({ id, node, name }) =>
      differs(node, `etcd has a member on ${node ?? (name || id)}, which is no declared control plane`),
    ),
    ...lacking.map((name) => differs(name, `${name} is declared as a control plane and is no member of etcd`)),
    ...alarmed.map(({ node, id, alarms }) => ({
      ...differs(node, `the etcd member on ${node ?? id} has raised ${alarms.join(', ')}`),
      gate: 'I-15',
    })),
  ];
}

function differs(node: string | undefined, because: string): Blocker {
  return {
    gate: 'etcd-membership',
    code: 'EtcdRefused',
    ...(node !== undefined && { node }),
    component: 'etcd',
    because,
    fix: 'cke-client status shows the members',
  };
}
