import { allowed, gone, inStates, type Mutant } from './mutant.ts';

const removal = 'cluster/etcd/removal.ts';
const members = 'activities/etcd/members.ts';
const healthy = { file: removal, after: 'export function mayRemoveHealthyVoter' };
const failed = { file: removal, after: 'export function mayRemoveFailedVoter' };

/** Guards of members that go. */
export const removals: Mutant[] = inStates([
  [
    'I-01',
    'a quorum to commit the removal of a failed member',
    allowed({ ...failed, find: "hasQuorum({ members: [...others, { ...member, sync: 'unsynced' }] })," }),
  ],
  [
    'I-01',
    'a quorum to commit the removal of a learner',
    {
      file: removal,
      after: 'export function mayRemoveLearner',
      find: 'hasQuorum(etcd));',
      put: 'allowed);',
    },
  ],
  [
    'I-02',
    'a quorum after the removal of a healthy voter',
    allowed({
      ...healthy,
      find: "atLeast({ rule: 'I-02', voters: after, needed, when, otherwise: 'writes would stop' }),",
    }),
  ],
  [
    'I-03',
    'one failure’s margin after the removal of a healthy voter',
    { ...healthy, find: 'needed: needed + 1,', put: 'needed,' },
  ],
  [
    'I-04',
    'no removal of a healthy voter beside a learner',
    { ...healthy, find: 'learnersOf(etcd).length === 0', put: 'etcd.members.length > 0' },
  ],
  [
    'I-04',
    'no removal of a healthy voter before the last change has settled',
    gone({ ...healthy, find: 'isStable(stableSeconds),' }),
  ],
  ['I-08', 'no removal of the leader', gone({ ...healthy, find: 'doesNotLead(etcd, memberId),' })],
  [
    'I-08',
    'a failed member is not removed as a healthy one',
    { ...healthy, find: "member.sync === 'unsynced'", put: "member.id === ''" },
  ],
  [
    'I-08',
    'a member out of sight is not removed as a healthy one (unknown blocks)',
    { ...healthy, find: "member.sync === 'unknown'", put: "member.id === ''" },
  ],
  [
    'I-09',
    'a failed member is removed for a cause only',
    { ...failed, find: "cause === 'none'", put: "member.id === ''" },
  ],
  [
    'I-09',
    'a failed member is given time to come back',
    { ...failed, find: 'failedSeconds < graceSeconds', put: "member.id === ''" },
  ],
  ['I-09', 'a member in sync has not failed', { ...failed, find: "member.sync === 'synced'", put: "member.id === ''" }],
  [
    'I-10',
    'the last voter stays, and a quorum after its removal (I-02)',
    { ...healthy, find: 'voters.length < 2', put: 'voters.length < 1' },
    allowed({
      ...healthy,
      find: "atLeast({ rule: 'I-02', voters: after, needed, when, otherwise: 'writes would stop' }),",
    }),
  ],
  [
    'I-11',
    'a member is named by its id, not by its name',
    {
      file: 'cluster/etcd/quorum.ts',
      after: 'export function memberById',
      find: 'member.id === id',
      put: 'member.id === id || member.name === id',
    },
    {
      file: members,
      after: 'async function remove(',
      find: 'if (memberById(before, memberId) === undefined) return;',
      put: '',
    },
  ],
  [
    'I-13',
    'no voter is removed as a learner',
    {
      file: removal,
      after: 'export function mayRemoveLearner',
      find: "member.role === 'voter'",
      put: "member.id === ''",
    },
  ],
  ['I-13', 'a learner that somebody else added stays', { file: removal, find: 'isOurs(member, recorded), ', put: '' }],
  [
    'I-15',
    'no removal of a healthy voter while an alarm stands or versions differ',
    gone({ ...healthy, find: 'isUndisturbed(etcd, staying),' }),
  ],
  [
    'I-15',
    'nothing is removed beside corrupt data',
    { ...failed, find: "cause === 'corrupt'", put: "member.id !== ''" },
    { ...failed, find: 'noCorruption({ members: others })', put: 'allowed' },
  ],
  ['I-18', 'no fewer members than are wanted', gone({ ...healthy, find: 'isSizeSurplus(voters.length, wantedSize),' })],
  [
    '§7',
    'the second look right before a removal',
    { file: members, find: 'demand(mayRemove(before),', put: 'demand({ kind: "allowed" },' },
  ],
]);
