import { inStates, type Mutant } from './mutant.ts';

const directory = 'cluster/etcd/directory.ts';

/** Guards of data directories. */
export const directories: Mutant[] = inStates([
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
]);
