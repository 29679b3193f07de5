import { describe, expect, test } from 'vitest';
import type { NodeDeclaration } from '../declaration/declaration.ts';
import type { Taint } from '../declaration/service-options.ts';
import type { OwnedAttributes } from '../observation.ts';
import { attributeChanges } from './attribute-changes.ts';
import { ownedTogether } from './owned-keys.ts';

const worker: NodeDeclaration = {
  name: 'worker-1',
  address: '10.0.0.21',
  user: 'cke',
  control_plane: false,
  labels: {},
  annotations: {},
  taints: [],
  ssh: { port: 22 },
};
const nobodys: OwnedAttributes = { labels: [], annotations: [], taints: [] };
const gpu: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const theirs: Taint = { key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoExecute' };

interface Row {
  node?: Partial<NodeDeclaration>;
  live?: { labels?: Record<string, string>; annotations?: Record<string, string>; taints?: Taint[] };
  owned?: Partial<OwnedAttributes>;
  tainted?: true;
  because: string | undefined;
  labels?: Record<string, string | null>;
  taints?: Taint[];
}

const cases: Record<string, Row> = {
  'nothing is wanted, others’ labels stay': { live: { labels: { theirs: '1' }, taints: [theirs] }, because: undefined },
  'a label is added': { node: { labels: { a: '1' } }, because: 'label a=1 added', labels: { a: '1' } },
  'a label changes': {
    node: { labels: { a: '2' } },
    live: { labels: { a: '1' } },
    owned: { labels: ['a'] },
    because: 'label a: 1 → 2',
    labels: { a: '2' },
  },
  'a label that we set is taken out of the declaration': {
    live: { labels: { a: '1', theirs: '1' } },
    owned: { labels: ['a'] },
    because: 'label a removed',
    labels: { a: null },
  },
  'a label of the same name that somebody else set stays': { live: { labels: { a: '1' } }, because: undefined },
  'a label that is there already becomes ours': {
    node: { labels: { a: '1' } },
    live: { labels: { a: '1' } },
    because: 'what we own is to be recorded',
    labels: {},
  },
  'CKE’s own key is removed without a record': {
    live: { labels: { 'cke.cybozu.com/rack': '3', 'cke.cybozu.com/master': 'true' } },
    because: 'label cke.cybozu.com/rack removed, label cke.cybozu.com/master removed',
    labels: { 'cke.cybozu.com/rack': null, 'cke.cybozu.com/master': null },
  },
  'a reboot in progress keeps its mark': { live: { labels: { 'cke.cybozu.com/reboot': 'true' } }, because: undefined },
  'a control plane is marked as one': {
    node: { control_plane: true },
    because: 'label cke.cybozu.com/master=true added, label node-role.kubernetes.io/control-plane="" added',
    labels: { 'cke.cybozu.com/master': 'true', 'node-role.kubernetes.io/control-plane': '' },
  },
  'a taint is added, others’ stay': {
    node: { taints: [gpu] },
    live: { taints: [theirs] },
    because: 'taint gpu:NoSchedule added',
    taints: [theirs, gpu],
  },
  'a taint’s effect changes: another taint': {
    node: { taints: [{ ...gpu, effect: 'NoExecute' }] },
    live: { taints: [gpu] },
    owned: { taints: ['gpu:NoSchedule'] },
    because: 'taint gpu:NoExecute added, taint gpu:NoSchedule removed',
    taints: [{ ...gpu, effect: 'NoExecute' }],
  },
  'a taint’s value changes': {
    node: { taints: [gpu] },
    live: { taints: [{ ...gpu, value: 'no' }, theirs] },
    owned: { taints: ['gpu:NoSchedule'] },
    because: 'taint gpu:NoSchedule is to have the value yes',
    taints: [gpu, theirs],
  },
  'a taint of somebody else’s stays': { live: { taints: [gpu] }, because: undefined },
  'control planes are to be tainted no longer': {
    node: { control_plane: true },
    live: {
      labels: { 'cke.cybozu.com/master': 'true', 'node-role.kubernetes.io/control-plane': '' },
      taints: [{ key: 'cke.cybozu.com/master', value: '', effect: 'PreferNoSchedule' }],
    },
    because: 'taint cke.cybozu.com/master:PreferNoSchedule removed',
    taints: [],
  },
  'a worker is not tainted as a control plane': { tainted: true, because: undefined },
};

describe('what is changed of a node when', () => {
  test.each(Object.entries(cases))('%s', (_, { node, live, owned, tainted, because, labels, taints }) => {
    const changes = attributeChanges({
      declaration: { taint_control_plane: tainted === true },
      node: { ...worker, ...node },
      live: { labels: {}, annotations: {}, taints: [], ...live },
      owned: { ...nobodys, ...owned },
    });
    expect(changes?.because).toBe(because);
    if (labels !== undefined) expect(changes?.labels).toEqual(labels);
    expect(changes?.taints).toEqual(taints);
  });
});

test('done and recorded, nothing is left to do', () => {
  const node = { ...worker, labels: { a: '1' }, annotations: { b: '2' }, taints: [gpu] };
  const declaration = { taint_control_plane: false };
  const changes = attributeChanges({
    declaration,
    node,
    live: { labels: {}, annotations: {}, taints: [] },
    owned: nobodys,
  });
  const owned = changes?.owned ?? nobodys;
  const live = { labels: { a: '1' }, annotations: { b: '2' }, taints: [gpu] };
  expect(attributeChanges({ declaration, node, live, owned })).toBeUndefined();
  expect(ownedTogether(owned, { labels: ['z'], annotations: [], taints: [] }).labels).toEqual(['a', 'z']);
});
