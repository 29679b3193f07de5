import { expect, test } from 'vitest';
import type { EtcdMember } from '../observation.ts';
import { etcdEndpoints } from './etcd-endpoints.ts';
import { converged } from './testing/fleet.ts';

const [one, two, three, four] = ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.21'];

interface Case {
  words: string;
  /** What differs from three voters in sync, by node. */
  members?: Record<string, Partial<EtcdMember>>;
  before: { ready: string[]; notReady: string[] };
  /** Absent: nothing is to be done. */
  after?: { ready: string[]; notReady: string[]; draining?: string[] };
  /** Control planes that are not declared any more. */
  leaving?: string[];
}

const cases: Case[] = [
  { words: 'all in sync and listed', before: { ready: [three, one, two], notReady: [] } },
  {
    words: 'nobody has listed them yet, or somebody has deleted the slice',
    before: { ready: [], notReady: [] },
    after: { ready: [one, two, three], notReady: [] },
  },
  {
    words: 'a member is out of sync',
    members: { 'cp-2': { sync: 'unsynced' } },
    before: { ready: [one, two, three], notReady: [] },
    after: { ready: [one, three], notReady: [two] },
  },
  {
    words: 'it is in sync again',
    before: { ready: [one, three], notReady: [two] },
    after: { ready: [one, two, three], notReady: [] },
  },
  {
    words: 'a member can’t be seen: others answer',
    members: { 'cp-2': { sync: 'unknown' } },
    before: { ready: [one, two, three], notReady: [] },
    after: { ready: [one, three], notReady: [two] },
  },
  {
    words: 'a learner is not to be asked',
    members: { 'cp-3': { role: 'learner' } },
    before: { ready: [one, two], notReady: [] },
    after: { ready: [one, two], notReady: [three] },
  },
  {
    words: 'somebody has added an address',
    before: { ready: [one, two, three, four], notReady: [] },
    after: { ready: [one, two, three], notReady: [] },
  },
  {
    words: 'a member is to leave: it drains',
    leaving: ['cp-2'],
    before: { ready: [one, two, three], notReady: [] },
    after: { ready: [one, three], notReady: [two], draining: [two] },
  },
  {
    words: 'most are to leave: they are needed',
    leaving: ['cp-2', 'cp-3'],
    before: { ready: [one, two, three], notReady: [] },
  },
  {
    words: 'no member serves: there is nothing better to point at',
    members: { 'cp-1': { sync: 'unsynced' }, 'cp-2': { sync: 'unsynced' }, 'cp-3': { sync: 'unsynced' } },
    before: { ready: [one, two, three], notReady: [] },
  },
];

test.each(cases)('addresses of cke-etcd: $words', ({ members = {}, before, after, leaving = [] }) => {
  const facts = converged();
  for (const node of facts.declaration.nodes) if (leaving.includes(node.name)) node.control_plane = false;
  const { etcd, kubernetes } = facts.observation;
  if (etcd.state !== 'observed' || kubernetes.state !== 'observed') throw new Error('a fleet that is seen');
  for (const member of etcd.members) Object.assign(member, members[member.node ?? '']);
  kubernetes.etcdEndpoints = before;
  const { steps } = etcdEndpoints(facts);
  expect(steps).toMatchObject(after === undefined ? [] : [{ kind: 'update-etcd-endpoints', ...after }]);
});
