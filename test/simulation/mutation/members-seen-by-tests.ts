import { inTest, type Mutant } from './mutant.ts';

const gateway = 'activities/etcd/gateway.ts';
const observe = 'activities/etcd/observe.ts';
const agreement = 'cluster/etcd/agreement.ts';
const remove = 'activities/steps/membership/remove.ts';
const calls = { project: 'unit', file: 'test/unit/etcd-calls.test.ts' } as const;
const decisions = { project: 'unit', file: 'cluster/decide/membership.test.ts' } as const;
const removals = { project: 'unit', file: 'activities/steps/membership/remove.test.ts' } as const;
const rules = { project: 'unit', file: 'cluster/etcd/rules.test.ts' } as const;
const looks = { project: 'unit', file: 'activities/etcd/observe.test.ts' } as const;

/** Guards of members that lie outside of what the model plays: how etcd is called, and what is made of its answers. */
export const membersSeenByTests: Mutant[] = [
  ...inTest({ ...calls, name: 'members are added as learners: there is no other way (I-05)' }, [
    ['I-05', 'nothing can add a voter', { file: gateway, find: 'isLearner: true', put: 'isLearner: false' }],
  ]),
  ...inTest({ ...removals, name: 'when its node is declared again (I-09)' }, [
    [
      'I-09',
      'a member of a declared control plane has not failed for being down',
      {
        file: remove,
        find: "manner !== 'lost-data' && isControlPlane",
        put: "manner === 'lost-data' && isControlPlane",
      },
    ],
  ]),
  ...inTest({ ...removals, name: 'when the id is that of a member on another node (I-11)' }, [
    [
      'I-11',
      'the member is that of the node that is meant',
      { file: remove, find: 'member.node !== node', put: "node === ''" },
    ],
  ]),
  ...inTest(
    { project: 'unit', file: 'activities/etcd/steadiness.test.ts', name: 'so does a learner that comes, or goes' },
    [
      [
        'I-12',
        'time begins anew when a learner goes, before its peer URL comes again',
        {
          file: 'activities/etcd/steadiness.ts',
          find: '...members.map(',
          put: "...members.filter(({ role }) => role === 'voter').map(",
        },
      ],
    ],
  ),
  ...inTest({ ...decisions, name: 'a learner that nobody of us added blocks every change (I-13)' }, [
    [
      'I-13',
      'a learner that somebody else added is left to a person, as decided',
      {
        file: 'cluster/decide/membership-learner.ts',
        find: 'return blocked(learner.node, {',
        put: "return removal(input, learner, { manner: 'learner', because: label }) ?? blocked(learner.node, {",
      },
      { file: 'cluster/etcd/removal.ts', find: 'isOurs(member, recorded), ', put: '' },
    ],
  ]),
  ...inTest({ ...decisions, name: 'a voter on no node of ours is left to a person (I-13)' }, [
    [
      'I-13',
      'a voter that somebody else added is left to a person, as decided',
      { file: 'cluster/decide/membership-surplus.ts', find: 'if (foreign)', put: "if (foreign?.id === '')" },
    ],
  ]),
  ...inTest({ ...looks, name: 'one lists other members' }, [
    [
      'I-14',
      'nothing is known while members tell different lists',
      {
        file: observe,
        find: "if (agreement.kind === 'disagreed')",
        put: "if (agreement.kind === 'disagreed' && false)",
      },
    ],
    [
      'I-14',
      'lists are compared',
      { file: agreement, find: 'digest(other) !== digest(first)', put: 'first === undefined' },
    ],
  ]),
  ...inTest({ ...looks, name: 'two clusters are told by as many members each' }, [
    [
      'I-14',
      'of two clusters none is taken for ours',
      { file: observe, find: 'if (rival === undefined)', put: 'if (best !== undefined)' },
    ],
  ]),
  ...inTest({ ...looks, name: 'only a cluster with none of our members answers' }, [
    [
      'I-14',
      'a cluster without our members is not ours',
      { file: observe, find: 'knownMembers === undefined || ', put: 'true || ' },
    ],
  ]),
  ...inTest({ ...rules, name: 'when one belongs to another cluster?' }, [
    [
      'I-14',
      'ids of clusters are compared',
      { file: agreement, find: 'other.clusterId !== first.clusterId', put: 'other.from === first.clusterId' },
      { file: agreement, find: 'digest(other) !== digest(first)', put: 'first === undefined' },
    ],
  ]),
  ...inTest({ ...calls, name: 'no member is defragmented, so that nothing has to wait for that (I-15)' }, [
    [
      'I-15',
      'members are never defragmented: put in',
      {
        file: gateway,
        find: 'close: () => client.close(),',
        put: 'close: () => void client.maintenance.defragment(),',
      },
    ],
  ]),
  ...inTest({ ...calls, name: 'older servers would promote a learner by it (I-16)' }, [
    [
      'I-16',
      'peer URLs are never updated: put in',
      {
        file: gateway,
        find: 'close: () => client.close(),',
        put: "close: () => void client.cluster.memberUpdate({ ID: '1', peerURLs: [] }),",
      },
    ],
  ]),
  ...inTest({ ...rules, name: 'may etcd rest at' }, [
    [
      'I-18',
      'only 1, 3, 5 or 7 members are rested at',
      { file: 'cluster/etcd/declared-size.ts', find: 'sizes.includes(controlPlanes)', put: 'controlPlanes > 0' },
    ],
  ]),
  ...inTest({ project: 'unit', file: 'cluster/declaration/bad-nodes.test.ts', name: '4 control planes' }, [
    [
      'I-18',
      'an even number of control planes is not accepted',
      {
        file: 'cluster/declaration/identity-rules.ts',
        find: "mayRestAtSize(count).kind !== 'allowed'",
        put: 'count === 0',
      },
    ],
  ]),
];
