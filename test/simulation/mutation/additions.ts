import { gone, inStates, type Mutant } from './mutant.ts';

const addition = 'cluster/etcd/addition.ts';
const members = 'activities/etcd/members.ts';
const adding = { file: addition, after: 'export function mayAddLearner' };
const promoting = { file: addition, after: 'export function mayPromote' };

/** Guards of members that come: learners, and their promotion. */
export const additions: Mutant[] = inStates([
  [
    'I-01',
    'a quorum to commit an addition, and all voters in sync (I-06)',
    gone({ ...adding, find: 'hasQuorum(etcd),' }),
    gone({ ...adding, find: 'allVotersSynced(etcd),' }),
  ],
  [
    'I-02',
    'a quorum of the grown cluster without the learner',
    { ...promoting, find: 'voters.total === 1 ? 1 : quorum(voters.total + 1)', put: '0' },
  ],
  ['I-04', 'no addition beside a learner', gone({ ...adding, find: 'hasNoLearner(etcd),' })],
  ['I-04', 'no addition before the last change has settled', gone({ ...adding, find: 'isStable(stableSeconds),' })],
  ['I-06', 'no addition to voters that are out of sync', gone({ ...adding, find: 'allVotersSynced(etcd),' })],
  ['I-07', 'no promotion of a learner that lags', gone({ ...promoting, find: 'isCaughtUp(etcd, learner),' })],
  [
    'I-07',
    'no promotion of a learner that was never started',
    { ...promoting, find: "learner.name === ''", put: "learner.id === ''" },
  ],
  [
    'I-07',
    'no promotion on another directory',
    { ...promoting, find: "directory === 'differs'", put: "learner.id === ''" },
  ],
  [
    'I-07',
    'no promotion on a directory that can’t be seen (unknown blocks)',
    { ...promoting, find: "directory === 'unknown'", put: "learner.id === ''" },
  ],
  [
    'I-07',
    'a learner is seen caught up twice',
    { ...promoting, find: 'caughtUpSeconds < caughtUpPauseSeconds', put: "learner.id === ''" },
  ],
  [
    'I-12',
    'no second member with a peer URL, and adoption of the first (E-05)',
    { file: addition, find: 'return present ? refused', put: "return present?.id === '' ? refused" },
    { file: members, find: 'if (present) return', put: 'if (before.clusterId === "") return' },
  ],
  [
    'I-17',
    'a promotion is asked of the leader',
    { file: members, find: 'const leader = leaderOf(before);', put: 'const [leader] = before.members;' },
  ],
  [
    'I-15',
    'no addition while an alarm stands or versions differ',
    gone({ ...adding, find: 'isUndisturbed(etcd, staying),' }),
  ],
  [
    'I-15',
    'no promotion while an alarm stands or versions differ',
    gone({ ...promoting, find: 'isUndisturbed(etcd, staying),' }),
  ],
  [
    'I-18',
    'no more members than are wanted',
    gone({ ...adding, find: 'isSizeWanted(votersOf(etcd), wantedSize, staying),' }),
  ],
  [
    'P10',
    'a voter that can’t be seen does not count as in sync',
    {
      file: 'cluster/etcd/quorum.ts',
      find: "synced: voters.filter(({ sync }) => sync === 'synced').length",
      put: "synced: voters.filter(({ sync }) => sync !== 'unsynced').length",
    },
  ],
  [
    '§7',
    'the second look right before an addition',
    { file: members, find: 'demand(mayAddLearner({ ...add, etcd: before }),', put: 'demand({ kind: "allowed" },' },
  ],
  [
    '§7',
    'the second look right before a promotion',
    { file: members, find: 'demand(mayPromote({ ...promotion, etcd: before }),', put: 'demand({ kind: "allowed" },' },
  ],
]);
