import type { Hunt } from './hunt.ts';
import type { Edit } from './mutate.ts';

/** A program that lacks one guard. Where a second guard would cover for it that one is taken away, too, and said so. */
export interface Mutant {
  /** Id of the rule (reliability §1). */
  rule: string;
  removes: string;
  edits: Edit[];
  hunt: Hunt;
}

type Row = [rule: string, removes: string, ...edits: Edit[]];

const removal = 'cluster/etcd/removal.ts';
const addition = 'cluster/etcd/addition.ts';
const members = 'activities/etcd/members.ts';
const directory = 'cluster/etcd/directory.ts';

const healthy = { file: removal, after: 'export function mayRemoveHealthyVoter' };
const failed = { file: removal, after: 'export function mayRemoveFailedVoter' };
const adding = { file: addition, after: 'export function mayAddLearner' };
const promoting = { file: addition, after: 'export function mayPromote' };

const gone = (edit: Omit<Edit, 'put'>): Edit => ({ ...edit, put: '' });
const allowed = (edit: Omit<Edit, 'put'>): Edit => ({ ...edit, put: 'allowed,' });

const inStates: Row[] = [
  [
    'I-01',
    'a quorum to commit an addition, and all voters in sync (I-06)',
    gone({ ...adding, find: 'hasQuorum(etcd),' }),
    gone({ ...adding, find: 'allVotersSynced(etcd),' }),
  ],
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
      find: 'return hasQuorum(etcd);',
      put: 'return allowed;',
    },
  ],
  [
    'I-02',
    'a quorum of the grown cluster without the learner',
    { ...promoting, find: 'voters.total === 1 ? 1 : quorum(voters.total + 1)', put: '0' },
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
  ['I-04', 'no addition beside a learner', gone({ ...adding, find: 'hasNoLearner(etcd),' })],
  ['I-04', 'no addition before the last change has settled', gone({ ...adding, find: 'isStable(stableSeconds),' })],
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
    'I-12',
    'a peer URL comes again after a pause only',
    { file: addition, find: 'secondsSinceRemoval < removalPauseSeconds', put: 'secondsSinceRemoval < 0' },
  ],
  [
    'I-12',
    'no second member with a peer URL, and adoption of the first (E-05)',
    { file: addition, find: 'if (present) return', put: "if (present?.id === '') return" },
    { file: members, find: 'if (present) return', put: 'if (before.clusterId === "") return' },
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
  ['I-15', 'no addition while an alarm stands or versions differ', gone({ ...adding, find: 'isUndisturbed(etcd),' })],
  [
    'I-15',
    'no promotion while an alarm stands or versions differ',
    gone({ ...promoting, find: 'isUndisturbed(etcd),' }),
  ],
  [
    'I-15',
    'no removal of a healthy voter while an alarm stands or versions differ',
    gone({ ...healthy, find: 'isUndisturbed(etcd),' }),
  ],
  [
    'I-15',
    'nothing is removed beside corrupt data',
    { ...failed, find: "cause === 'corrupt'", put: "member.id !== ''" },
    { ...failed, find: 'noCorruption({ members: others })', put: 'allowed' },
  ],
  [
    'I-18',
    'no more members than are wanted',
    gone({ ...adding, find: 'isSizeWanted(votersOf(etcd).length, wantedSize),' }),
  ],
  ['I-18', 'no fewer members than are wanted', gone({ ...healthy, find: 'isSizeSurplus(voters.length, wantedSize),' })],
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
  [
    '§7',
    'the second look right before a removal',
    { file: members, find: 'demand(mayRemove(before),', put: 'demand({ kind: "allowed" },' },
  ],
  [
    'W-01',
    'the directory of a counted member is not put away',
    { file: directory, find: 'if (counted)', put: 'if (counted?.id === "")' },
  ],
  [
    'W-01',
    'the directory of another cluster is not put away',
    {
      file: directory,
      find: "directory.clusterId === etcd.clusterId || condemned === 'yes'",
      put: "directory.clusterId !== ''",
    },
  ],
  [
    'W-03',
    'a directory that can’t be read is put away when nobody counts on it only',
    { file: directory, find: 'if (owner)', put: 'if (owner?.id === "")' },
  ],
  [
    'W-03',
    'a directory that can’t be read is put away by a person’s word only',
    {
      file: directory,
      after: 'function mayWipeUnread',
      find: "if (condemned === 'yes')",
      put: 'if (condemned !== undefined)',
    },
  ],
  [
    'W-04',
    'a member that was started before does not start empty',
    { file: directory, find: "member?.role === 'learner' && member.name === ''", put: "member?.role === 'learner'" },
  ],
  [
    'W-04',
    'a voter does not start empty',
    { file: directory, find: "member?.role === 'learner' && member.name === ''", put: 'member' },
  ],
  [
    'W-07',
    'the directory of a running process is not put away',
    { file: directory, find: "if (container === 'running')", put: "if (etcd.clusterId === '')" },
  ],
  [
    'W-07',
    'a directory is not put away while its container can’t be seen (unknown blocks)',
    { file: directory, find: "if (container === 'unknown')", put: "if (etcd.clusterId === '')" },
  ],
];

const steps = 'workflows/steps/etcd-membership.ts';
const decideMembership = 'cluster/decide/membership.ts';
const containers = 'activities/steps/containers.ts';
const stopAndRemove = 'activities/steps/stop-and-remove.ts';
const etcdSteps = 'activities/steps/etcd.ts';
const apiServers = 'cluster/decide/api-servers.ts';

const inSchedules: Row[] = [
  [
    'E-02',
    'the fence before a container is made',
    gone({ file: containers, after: 'if (standing !== undefined) await clear', find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-02',
    'the fence before a container is removed',
    gone({ file: stopAndRemove, after: 'await docker.stop(', find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-02',
    'the fence before a new container is started',
    gone({ file: containers, after: "if (outcome === 'exists')", find: 'await fence.mayAct(mandate);' }),
  ],
  [
    'E-05',
    'a container that stands already with the wanted spec is adopted',
    {
      file: containers,
      find: 'standing.id !== mandate.containerId && isWanted(spec, standing)',
      put: "standing.id === ''",
    },
  ],
  [
    'E-05',
    'an addition that was begun goes on',
    {
      file: 'activities/steps/etcd-membership.ts',
      find: "if (membership?.state === 'first-start') return membership;",
      put: '',
    },
  ],
  [
    'E-06',
    'one thing at a time is taken from the control plane (A-03)',
    { file: 'cluster/decide/decide.ts', find: 'withoutClashes(facts, asked.steps)', put: 'asked.steps' },
  ],
  [
    'I-03',
    'no voter is stopped while another is out of sync, in decide() and right before',
    {
      file: 'cluster/decide/etcd-maintenance.ts',
      find: "others.find(({ sync }) => sync !== 'synced')",
      put: "others.find(({ id }) => id === '')",
    },
    { file: 'cluster/etcd/restart.ts', after: "rule: 'I-03'", find: 'needed: quorum(voters.length)', put: 'needed: 0' },
  ],
  [
    'I-03',
    'one voter at a time, as decided',
    {
      file: 'cluster/decide/etcd-maintenance.ts',
      find: "others.find(({ sync }) => sync !== 'synced')",
      put: "others.find(({ id }) => id === '')",
    },
    { file: 'cluster/decide/etcd-maintenance.ts', find: 'if (unproven !== undefined) return unproven;', put: '' },
  ],
  [
    'I-09',
    'a failed member goes before a learner is waited for',
    { file: decideMembership, find: 'failed !== undefined && failed.steps.length > 0', put: 'false as boolean' },
  ],
  [
    'finding 8',
    'leadership is moved away before the leader stops',
    gone({ file: 'workflows/steps/etcd-member.ts', find: 'await etcd.moveLeaderAway(place);' }),
  ],
  ['W-10', 'a snapshot before a member is added', gone({ file: steps, find: 'await etcd.takeEtcdSnapshot(place);' })],
  [
    'W-10',
    'a snapshot before a member is removed',
    gone({ file: steps, find: 'await etcd.takeEtcdSnapshot(removal);' }),
  ],
  [
    'W-05',
    'no start on an emptied directory, in decide() and right before',
    {
      file: 'cluster/decide/etcd-start.ts',
      find: "seen.etcdDirectory === 'intact'",
      put: 'seen.etcdDirectory !== undefined',
    },
    { file: etcdSteps, find: "if (state !== 'intact')", put: 'if (state === undefined)' },
  ],
  [
    'W-05',
    'the second look at the directory, right before a start',
    { file: etcdSteps, find: "if (state !== 'intact')", put: 'if (state === undefined)' },
  ],
  [
    'W-06',
    'members run from their settled spec',
    {
      file: 'cluster/decide/etcd-membership.ts',
      find: "if (membership.state === 'settled')",
      put: "if (membership.directory === '')",
    },
  ],
  [
    'W-08',
    'a member is out of the list before its node is cleaned',
    { file: 'cluster/decide/departing.ts', find: '?? whyEtcdStays(observation, name)', put: '' },
    { file: 'activities/steps/departure.ts', find: 'await demandNoMember(ports, mandate);', put: '' },
  ],
  [
    'A-01',
    'an API server stops only while all others serve',
    {
      file: apiServers,
      find: 'outdated.length > 0 ? whyNoneMayStop(facts, all) : undefined',
      put: 'undefined as string | undefined',
    },
  ],
  [
    'A-01',
    'an API server is withdrawn before it stops',
    { file: apiServers, find: 'isAlone(facts) || !isReadyEndpoint(facts, next)', put: 'facts !== undefined' },
  ],
  [
    'A-02',
    'an API server without its etcd-rivers is left alone',
    {
      file: apiServers,
      find: 'isAiling(one) && lacksWayToEtcd(facts, one)',
      put: 'isAiling(one) && one.component === "etcd"',
    },
  ],
  [
    'A-02',
    'etcd-rivers stops only while all other API servers serve',
    { file: 'cluster/decide/proxies.ts', find: 'hold: holdForServers(facts, masters)', put: 'hold: () => undefined' },
  ],
  [
    'canary',
    'a spec that was not seen healthy goes to one node only',
    { file: 'cluster/decide/rollout.ts', after: 'function takeTurns', find: 'proven ? atOnce : 1', put: 'atOnce' },
    {
      file: 'cluster/decide/rollout.ts',
      after: 'export function whyUnproven',
      find: 'if (placements.some(isProof)) return undefined;',
      put: 'if (placements.length > 0) return undefined;',
    },
  ],
  [
    'canary',
    'a spec of etcd that crashes goes to no learner',
    {
      file: decideMembership,
      find: 'whyUnproven(input.members.filter((one) => one !== placed))',
      put: 'undefined as string | undefined',
    },
    { file: 'cluster/decide/etcd-maintenance.ts', find: 'if (unproven !== undefined) return unproven;', put: '' },
  ],
  [
    'P10',
    'what can’t be seen is not called healthy (unknown blocks)',
    {
      file: 'cluster/decide/placement.ts',
      after: 'export const isHealthy',
      find: "health.state === 'healthy'",
      put: "health.state !== 'unhealthy'",
    },
  ],
  [
    'P10',
    'a voter out of sight is not called in sync (unknown blocks)',
    {
      file: 'cluster/decide/etcd-maintenance.ts',
      find: "sync !== 'synced');\n  return sick",
      put: "sync === 'unsynced');\n  return sick",
    },
    {
      file: 'cluster/etcd/quorum.ts',
      find: "synced: voters.filter(({ sync }) => sync === 'synced').length",
      put: "synced: voters.filter(({ sync }) => sync !== 'unsynced').length",
    },
  ],
];

/** How many schedules a mutant may survive. */
const most = 4000;

/** One mutant for each guard. That voters are never added (I-05) has none: the client can't express it. */
export const mutants: readonly Mutant[] = [
  ...inStates.map(([rule, removes, ...edits]) => ({ rule, removes, edits, hunt: { in: 'small states' as const } })),
  ...inSchedules.map(([rule, removes, ...edits]) => ({
    rule,
    removes,
    edits,
    hunt: { in: 'schedules' as const, most },
  })),
];
