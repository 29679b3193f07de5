import { gone, inUpkeep, type Mutant } from './mutant.ts';

const apiServers = 'cluster/decide/api-servers.ts';
const changes = 'cluster/declaration/changes.ts';
const skew = 'cluster/decide/version-skew.ts';

/** Guards of versions: at the acceptance of a declaration, and in decide(). Where both judge the same both are taken away. */
export const versionGuards: Mutant[] = inUpkeep([
  [
    'S-01',
    'no API server is left more than one minor behind',
    { file: skew, find: "'kube-apiserver': 1,", put: "'kube-apiserver': 9," },
  ],
  [
    'S-02',
    'controller-managers and schedulers come after the API servers, when they are replaced',
    {
      file: apiServers,
      after: 'export function holdForApiServers',
      find: 'if (late) return',
      put: 'if (!drift) return',
    },
  ],
  [
    'S-02',
    'what is missing is not made newer than an API server',
    { file: apiServers, find: 'if (old) return', put: 'if (old?.component === "etcd") return' },
  ],
  [
    'S-02',
    'what is missing is not made newer than an API server that can’t be seen',
    { file: apiServers, find: 'return told === undefined || isOlderMinor(told, wanted);', put: 'return false;' },
  ],
  [
    'S-02',
    'controller-managers and schedulers are not left behind when API servers go on',
    { file: skew, find: "'kube-controller-manager': 1,\n  'kube-scheduler': 1,", put: '' },
  ],
  [
    'S-03',
    'no minor is skipped, in the declaration and as observed',
    { file: changes, find: 'wanted.minor <= is.minor + 1', put: 'wanted.minor <= is.minor + 9' },
    { file: skew, find: 'to.minor - is.minor <= allowed', put: 'to.minor - is.minor <= allowed + 9' },
  ],
  [
    'S-04',
    'no way back to an older minor',
    { file: changes, find: 'compareVersions(wanted, is) < 0', put: 'compareVersions(wanted, is) < -9' },
  ],
  ['S-05', 'no etcd member is left more than one minor behind', gone({ file: skew, find: 'etcd: 1,' })],
]);
