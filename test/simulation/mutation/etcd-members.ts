import { gone, inSchedules, type Mutant } from './mutant.ts';

const steps = 'workflows/steps/etcd-membership.ts';
const directory = 'cluster/etcd/directory.ts';
const etcdSteps = 'activities/steps/etcd-restart.ts';

/** Guards of members that run: stopped, started, added and removed by whole sequences. */
export const etcdMembers: Mutant[] = inSchedules([
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
    {
      file: 'cluster/decide/membership.ts',
      find: 'failed !== undefined && failed.steps.length > 0',
      put: 'false as boolean',
    },
  ],
  [
    'finding 8',
    'leadership is moved away before the leader stops, as a call of its own and right before',
    { file: etcdSteps, find: 'leader?.node !== leading', put: "leader?.node !== '' || leading !== ''" },
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
    { file: directory, find: "empty: refused('W-05'", put: "empty: true ? allowed : refused('W-05'" },
  ],
  [
    'W-05',
    'the second look at the directory, right before a start',
    {
      file: etcdSteps,
      find: "if (verdict.kind !== 'allowed') throw atRisk(node",
      put: "if (node === '') throw atRisk(node",
    },
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
    'W-06',
    'only what would found nothing is started as it stands',
    {
      file: 'cluster/decide/etcd-start.ts',
      find: "isStopped(one) && isSettledSpec(one.container?.spec ?? '')",
      put: 'isStopped(one)',
    },
    { file: etcdSteps, find: "isSettledSpec(readLabels(container.labels).spec ?? '')", put: "container.id !== ''" },
  ],
  [
    'W-08',
    'a member is out of the list before its node is cleaned',
    { file: 'cluster/decide/departing.ts', find: '?? whyEtcdStays(observation, name)', put: '' },
    {
      file: 'activities/steps/departure.ts',
      find: "if (record.state === 'never' || record.memberships[node] === undefined) return;",
      put: 'if (record !== undefined) return;',
    },
  ],
  [
    'canary',
    'a spec of etcd that crashes goes to no learner',
    {
      file: 'cluster/decide/membership-learner.ts',
      find: 'whyUnproven(input.members.filter((one) => one !== placed))',
      put: 'undefined as string | undefined',
    },
    { file: 'cluster/decide/etcd-maintenance.ts', find: 'if (unproven !== undefined) return unproven;', put: '' },
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
]);
