import { expect, test } from 'vitest';
import { changedSince, demandUnchanged, type PlanIdentity, type SavedPlan } from './saved-plan.ts';

const identity: PlanIdentity = {
  text: 'aa',
  steps: [{ title: 'run kubelet on w-1', fingerprint: '1' }],
  observed: { 'w-1': 'x', etcd: 'y' },
};
const saved: SavedPlan = {
  version: 1,
  cluster: 'prod',
  madeAt: '2026-01-01T00:00:00Z',
  revision: 4,
  declaration: 'name: prod',
  identity,
};

test.each<[string, number, Partial<PlanIdentity>, string[]]>([
  ['nothing: it may be applied', 4, {}, []],
  ['somebody applied meanwhile', 5, {}, ['the declaration was applied by somebody else: revision 5 is next, 4 was']],
  ['another text', 4, { text: 'bb' }, ['the text of the declaration is not the one that was planned']],
  ['a step less', 4, { steps: [] }, ['no longer wanted: run kubelet on w-1']],
  [
    'a step more',
    4,
    { steps: [...identity.steps, { title: 'run rivers on w-2', fingerprint: '2' }] },
    ['new: run rivers on w-2'],
  ],
  ['a node changed', 4, { observed: { 'w-1': 'z', etcd: 'y' } }, ['w-1 is not as it was when the plan was made']],
  [
    'a node came',
    4,
    { observed: { ...identity.observed, 'w-2': 'n' } },
    ['w-2 is not as it was when the plan was made'],
  ],
])('what has changed since the plan was made? %s', (_case, revision, change, lines) => {
  expect(changedSince(saved, { revision, identity: { ...identity, ...change } })).toEqual(lines);
});

test('the same plan may be carried out; another one is refused, and the refusal says what differs', () => {
  expect(() => demandUnchanged(saved, { revision: 4, identity })).not.toThrow();
  const other = { ...identity, observed: { 'w-1': 'z', etcd: 'y' } };
  expect(() => demandUnchanged(saved, { revision: 4, identity: other })).toThrow('w-1 is not as it was');
});
