import { inTest, type Mutant } from './mutant.ts';

const retire = 'activities/steps/membership/retire.ts';
const snapshot = 'cluster/etcd/snapshot.ts';
const etcd = 'cluster/components/etcd.ts';
const leftovers = { project: 'unit', file: 'activities/steps/membership/retire.test.ts' } as const;
const taking = { project: 'unit', file: 'activities/etcd/snapshot.test.ts' } as const;
const specs = { project: 'unit', file: 'cluster/components/component-spec.test.ts' } as const;

/** Guards of data that lie below the model's directories: what is done to files, and what a snapshot must be like. */
export const dataSeenByTests: Mutant[] = [
  ...inTest(
    {
      project: 'unit',
      file: 'cluster/destruction.test.ts',
      name: 'W-01: may the data of a member that counts be given up?',
    },
    [
      [
        'W-01',
        'the data of a member that counts are given up on a person’s order only',
        { file: 'cluster/etcd/directory.ts', find: "if (cluster === 'wanted')", put: "if (container === 'running')" },
      ],
    ],
  ),
  ...inTest({ ...leftovers, name: 'its directory is renamed into the trash, and nothing is deleted (W-02)' }, [
    [
      'W-02',
      'a directory is renamed, and not deleted',
      { file: retire, find: 'place.files.renamePath({ from,', put: 'place.files.removeTree(from); void ({ from,' },
    ],
  ]),
  ...inTest(
    { project: 'unit', file: 'activities/steps/destruction.test.ts', name: 'the data of a cluster that is given up' },
    [
      [
        'W-02',
        'data of a cluster that is given up are deleted on a person’s word only',
        { file: 'activities/steps/destruction.ts', find: "data === 'purge'", put: 'data !== undefined' },
      ],
    ],
  ),
  ...inTest(
    {
      project: 'unit',
      file: 'activities/steps/etcd-restart.test.ts',
      name: 'when it was made for a first start (W-06)',
    },
    [
      [
        'W-06',
        'the second look at the spec, right before a start',
        {
          file: 'activities/steps/etcd-restart.ts',
          find: "isSettledSpec(readLabels(container.labels).spec ?? '')",
          put: "container.id !== ''",
        },
      ],
    ],
  ),
  ...inTest({ ...specs, name: 'a missing data directory keeps it from starting' }, [
    [
      'W-06',
      'a member does not start without its directory',
      { file: etcd, find: "source_kind: 'required'", put: "source_kind: 'created'" },
    ],
  ]),
  ...inTest({ ...specs, name: 'a settled member is not in the initial cluster that it names' }, [
    [
      'W-06',
      'a settled member can’t come up on an empty directory',
      { file: etcd, find: 'peerUrl(loopback(address))', put: 'peerUrl(address)' },
    ],
  ]),
  ...inTest({ ...leftovers, name: 'its process is not stopped while the member is listed (W-08)' }, [
    [
      'W-08',
      'the process of a listed member is not stopped',
      {
        file: retire,
        after: 'export async function stopRemovedMember',
        find: 'isNoMember(await',
        put: '((..._: unknown[]) => allowed)(await',
      },
    ],
  ]),
  ...inTest({ ...leftovers, name: 'it is not recorded as removed while the member is listed (W-08)' }, [
    [
      'W-08',
      'a listed member is not recorded as removed',
      { file: retire, find: 'demand(isNoMember(etcd, mandate.node, membership),', put: 'demand(allowed,' },
    ],
  ]),
  ...inTest({ ...leftovers, name: 'when its member is not on record as removed (W-08)' }, [
    [
      'W-08',
      'a directory is put away after its member is recorded as removed only',
      {
        file: 'activities/steps/membership/record.ts',
        find: "membership === undefined || membership.state === 'removed'",
        put: "membership?.directory !== ''",
      },
    ],
  ]),
  ...inTest(
    { project: 'unit', file: 'activities/steps/etcd-restore.test.ts', name: 'that of before is not touched (W-09)' },
    [
      [
        'W-09',
        'a snapshot is unpacked beside the name, not under it',
        {
          file: 'cluster/components/etcd-restore.ts',
          find: 'unfinished: `${volume}/${directory}.unfinished`',
          put: 'unfinished: `${volume}/${directory}`',
        },
      ],
    ],
  ),
  ...inTest(
    { project: 'unit', file: 'test/unit/etcd-calls.test.ts', name: 'no cluster is made of one member’s data' },
    [
      [
        'W-09',
        'no cluster is restored, so that nothing is written over: put in',
        {
          file: etcd,
          find: "'--strict-reconfig-check=true',",
          put: "'--strict-reconfig-check=true', '--force-new-cluster',",
        },
      ],
    ],
  ),
  ...inTest({ ...taking, name: 'is not relied on, nor kept (W-10)' }, [
    [
      'W-10',
      'a snapshot that can’t be relied on counts as none',
      { file: 'activities/etcd/snapshot.ts', find: "verdict.kind !== 'allowed'", put: "verdict.kind === 'unknown'" },
    ],
    [
      'W-10',
      'a snapshot has a checksum at its end',
      { file: snapshot, find: 'size % page === checksumBytes', put: 'size > 0' },
    ],
    [
      'W-10',
      'the checksum is that of the content',
      { file: snapshot, find: "if (checksum === 'matches')", put: "if (checksum !== 'unknown')" },
    ],
    [
      'W-10',
      'a snapshot is not older than the one before',
      { file: snapshot, find: 'BigInt(revision) >= BigInt(previousRevision)', put: 'BigInt(revision) > 0n' },
    ],
    [
      'W-10',
      'no alarm stood when it was taken',
      { file: snapshot, find: 'facts.alarms.length === 0', put: 'facts.size > 0' },
    ],
  ]),
];
