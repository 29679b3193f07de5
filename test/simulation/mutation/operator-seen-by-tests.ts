import { gone, inTest, type Mutant } from './mutant.ts';

const fence = 'activities/fence.ts';
const records = 'activities/store/records.ts';
const asked = { project: 'unit', file: 'client/requests.test.ts' } as const;
const fences = { project: 'unit', file: 'activities/fence.test.ts' } as const;
const turns = { project: 'unit', file: 'activities/turn.test.ts' } as const;
const stored = { project: 'integration', file: 'test/integration/store.test.ts' } as const;

/** Guards against two operators, in Temporal, in the management etcd and in the age of an attempt: the model has one of each. */
export const operatorSeenByTests: Mutant[] = [
  ...inTest({ ...asked, name: 'an entity that runs is asked, and never ended or doubled (E-01)' }, [
    [
      'E-01',
      'the entity that runs is not ended by a request',
      {
        file: 'client/requests.ts',
        find: "workflowIdConflictPolicy: 'USE_EXISTING'",
        put: "workflowIdConflictPolicy: 'TERMINATE_EXISTING'",
      },
    ],
    [
      'E-01',
      'one entity a cluster',
      { file: 'client/requests.ts', find: 'workflowId: clusterWorkflowId(cluster)', put: 'workflowId: randomUUID()' },
    ],
  ]),
  ...inTest({ ...asked, name: 'a campaign that runs is found, and never ended or doubled (E-01)' }, [
    [
      'E-01',
      'the campaign that runs is not ended by another',
      {
        file: 'client/campaign.ts',
        find: "workflowIdConflictPolicy: 'USE_EXISTING'",
        put: "workflowIdConflictPolicy: 'TERMINATE_EXISTING'",
      },
    ],
  ]),
  ...inTest(
    { project: 'workflow', file: 'test/workflow/operation.test.ts', name: 'that is paused does nothing and says so' },
    [
      [
        'E-07',
        'a paused operation begins nothing',
        gone({ file: 'workflows/reconcile.workflow.ts', find: 'if (decision.paused) break;' }),
      ],
    ],
  ),
  ...inTest(
    { project: 'workflow', file: 'test/workflow/entity.test.ts', name: 'an operation that a person cancels ends' },
    [
      [
        'E-01',
        'one operation a cluster: its fixed id is the lock',
        {
          file: 'workflows/cluster.workflow.ts',
          find: 'workflowId: operationWorkflowId(cluster)',
          put: 'workflowId: wf.uuid4()',
        },
      ],
    ],
  ),
  ...inTest({ ...fences, name: 'when a newer operation has begun (E-02)?' }, [
    [
      'E-02',
      'an older epoch may do nothing',
      gone({ file: fence, find: 'await epochs.assertCurrent(cluster, epoch);' }),
    ],
  ]),
  ...inTest({ ...stored, name: 'is an older epoch refused once a newer one was taken?' }, [
    [
      'E-02',
      'each epoch is taken once',
      {
        file: 'activities/store/epoch.ts',
        find: ".if(key, 'Mod', '==', found?.version ?? 0)",
        put: ".if(key, 'Mod', '>=', 0)",
      },
    ],
  ]),
  ...inTest(
    { ...stored, name: 'are records written under the current epoch only, and never over a change that was not read?' },
    [
      [
        'E-03',
        'the record of members is written over what was read only',
        {
          file: records,
          find: ".if(keys.etcdRecord, 'Mod', '==', version)",
          put: ".if(keys.epoch, 'Value', '==', String(epoch))",
        },
      ],
      [
        'E-03',
        'the record of members is written under the current epoch only',
        {
          file: records,
          find: ".and(keys.epoch, 'Value', '==', String(epoch))",
          put: ".and(keys.etcdRecord, 'Mod', '==', version)",
        },
      ],
      [
        'E-03',
        'records of nodes are written under the current epoch only',
        {
          file: records,
          find: "client.if(clusterKeys(cluster).epoch, 'Value', '==', String(epoch))",
          put: "client.if(clusterKeys(cluster).epoch, 'Value', '!=', '')",
        },
      ],
    ],
  ),
  ...inTest({ ...fences, name: 'in its last five seconds (E-04)?' }, [
    [
      'E-04',
      'an attempt does nothing in its last seconds',
      { file: fence, find: 'info.startToCloseTimeoutMs - marginMilliseconds)', put: 'info.startToCloseTimeoutMs)' },
    ],
  ]),
  ...inTest({ ...fences, name: 'when it was cancelled (E-04)?' }, [
    [
      'E-04',
      'an attempt that was cancelled does nothing',
      { file: fence, find: '!cancellationSignal.aborted && ', put: '' },
    ],
  ]),
  ...inTest({ ...turns, name: 'not after it was frozen' }, [
    [
      'E-04',
      'an attempt that was frozen does nothing',
      { file: 'activities/turn.ts', find: 'at - state.last > longestSilenceMs', put: 'false as boolean' },
    ],
  ]),
  ...inTest({ ...fences, name: 'when it grew too old while the epoch was read (E-04)?' }, [
    [
      'E-04',
      'its age is looked at again behind the last read',
      gone({ file: fence, after: 'assertCurrent(cluster, epoch);', find: 'stopWhenOutdated(cluster);' }),
    ],
  ]),
  ...inTest(
    { project: 'unit', file: 'activities/operation.test.ts', name: 'every look reads whether the cluster is paused' },
    [
      [
        'E-07',
        'every look reads the pause',
        gone({
          file: 'activities/operation.ts',
          find: '...(paused && { paused: { by: paused.by, because: paused.because } }),',
        }),
      ],
    ],
  ),
];
