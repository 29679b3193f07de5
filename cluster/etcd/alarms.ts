import type { ObservedEtcd } from './quorum.ts';
import { memberLabel } from './quorum.ts';
import { allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** Nothing is stopped or changed beside a member whose data are corrupt: a person has to look first (reliability §2.6). */
export function noCorruption({ members }: Pick<ObservedEtcd, 'members'>): Verdict {
  const corrupt = members.filter(({ alarms }) => alarms.includes('CORRUPT'));
  if (corrupt.length === 0) return allowed;
  return refused('I-15', `etcd says that the data of ${corrupt.map(memberLabel).join(', ')} are corrupt`);
}

/**
 * I-15: no membership change while an alarm stands, nor in the middle of an upgrade that can come to its end first: voters that stay run
 * different versions. A learner has the wanted version already, a member that leaves never gets it, and of two voters none is
 * stopped for it: whoever waited for those would wait for ever. `staying` are nodes of declared control planes; absent: all stay.
 */
export function isUndisturbed({ members }: Pick<ObservedEtcd, 'members'>, staying?: readonly string[]): Verdict {
  const alarmed = members.filter(({ alarms }) => alarms.length > 0);
  if (alarmed.length > 0) {
    const list = alarmed.map((member) => `${memberLabel(member)}: ${member.alarms.join(', ')}`).join('; ');
    return refused('I-15', `etcd has raised alarms (${list})`);
  }
  const synced = members.filter(({ sync }) => sync === 'synced');
  const voters = members.filter(({ role }) => role === 'voter');
  const upgraded = synced.filter(({ role, node }) => role === 'voter' && (!node || !staying || staying.includes(node)));
  const versions = [...new Set(upgraded.flatMap(({ version }) => version ?? []))].toSorted();
  if (versions.length > 1 && voters.length > 2)
    return refused('I-15', `the members run different versions (${versions.join(', ')}): an upgrade is under way`);
  const unseen = synced.filter(({ version }) => version === undefined);
  if (unseen.length > 0) return unknown('I-15', `cannot observe the version of ${unseen.map(memberLabel).join(', ')}`);
  return allowed;
}
