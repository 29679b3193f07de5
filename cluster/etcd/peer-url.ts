import semver from 'semver';
import { isUndisturbed } from './alarms.ts';
import { hasQuorum, memberById, memberLabel } from './quorum.ts';
import type { ObservedEtcd } from './quorum.ts';
import { allOf, allowed, refused, unknown } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** Older servers turn a learner into a voter when its peer URL is updated. */
const floors = '>=3.5.31 <3.6.0 || >=3.6.12';

/** I-16: the peer URL of a voter may be changed where every member is new enough; that of a learner never. */
export function mayUpdatePeerUrl({ etcd, memberId }: { etcd: ObservedEtcd; memberId: string }): Verdict {
  const member = memberById(etcd, memberId);
  if (member === undefined) return refused('I-11', `etcd has no member ${memberId}`);
  if (member.role === 'learner')
    return refused('I-16', `${memberLabel(member)} is a learner: an update could promote it`);
  return allOf(hasQuorum(etcd), isUndisturbed(etcd), ...etcd.members.map(isNewEnough));
}

function isNewEnough(member: ObservedEtcd['members'][number]): Verdict {
  const { version } = member;
  if (version === undefined) return unknown('I-16', `cannot observe the version of ${memberLabel(member)}`);
  if (semver.satisfies(version, floors)) return allowed;
  return refused('I-16', `${memberLabel(member)} runs etcd ${version}; 3.5.31 or 3.6.12 is needed`);
}
