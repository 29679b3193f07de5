import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodesOf } from '../../cluster/steps/describe-step.ts';
import type { Step } from '../../cluster/steps/step.ts';
import { containerIds, replaced } from './containers.ts';
import { declaredNames, nodeEntry, spare, workerNames, writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { kubernetesNodes, standingCluster, untilReady } from './standing.ts';
import { apply, figure, kubectl, lab, planOf, reconcile, run, seconds } from './story.ts';

interface Edit {
  readonly what: string;
  readonly change: (document: Document) => void;
  /** `kind component` of every step that plan may name. */
  readonly planned: string;
  /** `node/container` of what is made anew; nothing else may be. */
  readonly renewed: readonly string[];
}

const controlPlanes = declaredNames.filter((name) => !workerNames.includes(name));

const edits: Edit[] = [
  {
    what: 'a label of one worker',
    change: (document) => document.setIn(['nodes', 3, 'labels'], document.createNode({ 'example.com/rack': 'r7' })),
    planned: 'update-node-attributes',
    renewed: [],
  },
  {
    what: 'an extra argument of kube-scheduler',
    change: (document) => document.setIn(['options', 'kube-scheduler', 'extra_args'], ['--v=1']),
    planned: 'run-component kube-scheduler',
    renewed: controlPlanes.map((node) => `${node}/kube-scheduler`),
  },
  {
    what: 'the configuration of the kubelet',
    change: (document) => document.setIn(['options', 'kubelet', 'config', 'maxPods'], 77),
    planned: 'run-component kubelet',
    renewed: declaredNames.map((node) => `${node}/kubelet`),
  },
];

describe('an edit of the declaration does what must change and nothing else, and plan has said so before', () => {
  beforeAll(standingCluster);
  afterAll(standingCluster);

  test.each(edits)('$what', async ({ what, change, planned, renewed }) => {
    await apply(writeDeclaration());
    const before = await containerIds();
    const file = writeDeclaration(change);
    const plan = await planOf(file);
    expect(plan.steps.map(nameOf), 'plan').toEqual(plan.steps.map(() => planned));
    expect(plan.steps.length).toBeGreaterThan(0);
    expect(replaced(before, await containerIds()), 'plan does nothing').toEqual([]);
    const begun = performance.now();
    const report = await apply(file);
    figure(`${what}: apply`, `${seconds(performance.now() - begun)}, ${report.done.length} steps`);
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(replaced(before, await containerIds())).toEqual([...renewed].sort());
    expect((await planOf()).steps).toEqual([]);
  });

  test('the label is on the Node, and goes when it is taken out', async () => {
    await apply(writeDeclaration(edits[0]?.change));
    expect(await rack()).toBe('r7');
    await apply(writeDeclaration());
    expect(await rack()).toBeUndefined();
  });

  test('the kubelet of each node runs with the edited configuration', async () => {
    await apply(writeDeclaration(edits[2]?.change));
    for (const name of declaredNames) expect(await mostPods(name)).toBe(77);
  });

  test('the kubelets of a pool run with its settings, and no other is touched', async () => {
    const [member = '', other = ''] = workerNames;
    await apply(writeDeclaration());
    const before = await mostPods(other);
    const config = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', maxPods: 88 };
    const file = writeDeclaration((document) => {
      document.set('pools', [{ name: 'big', labels: { 'example.com/pool': 'big' }, kubelet: { config } }]);
      const nodes = declaredNames.map((name) => ({ ...nodeEntry(name), ...(name === member && { pool: 'big' }) }));
      document.set('nodes', document.createNode(nodes));
    });
    const report = await apply(file);
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(report.done.filter((step) => !step.includes(member))).toEqual([]);
    expect([await mostPods(member), await mostPods(other)]).toEqual([88, before]);
    const path = 'jsonpath={.metadata.labels.example\\.com/pool}';
    expect(await kubectl('get', 'node', member, '--output', path)).toBe('big');
    await apply(writeDeclaration());
    expect(await kubectl('get', 'node', member, '--output', path)).toBe('');
  });
});

async function mostPods(name: string): Promise<number> {
  const text = await kubectl('get', '--raw', `/api/v1/nodes/${name}/proxy/configz`);
  return fromJson<{ kubeletconfig: { maxPods: number } }>(text).kubeletconfig.maxPods;
}

describe('a worker is added to the declaration', () => {
  beforeAll(standingCluster);
  afterAll(async () => {
    await apply(writeDeclaration());
    await lab.run('kubectl', ['delete', 'node', spare, '--ignore-not-found']);
    await freshSpare();
  });

  test('no other node is touched', async () => {
    const before = await containerIds();
    const file = writeDeclaration((document) => document.addIn(['nodes'], document.createNode(nodeEntry(spare))));
    const plan = await planOf(file);
    expect([...new Set(plan.steps.flatMap(nodesOf))]).toEqual([spare]);
    const report = await apply(file);
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(report.done.filter((step) => !step.includes(spare))).toEqual([]);
    const changed = replaced(before, await containerIds());
    expect(changed.filter((place) => !place.startsWith(`${spare}/`))).toEqual([]);
    expect(changed).toContain(`${spare}/kubelet`);
    await untilReady(spare, 'True');
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

async function rack(): Promise<string | undefined> {
  const node = (await kubernetesNodes()).find(({ metadata }) => metadata.name === workerNames[0]);
  return node?.metadata.labels['example.com/rack'];
}

/** A bare machine again, for whoever needs it next; its host key is another one. */
async function freshSpare(): Promise<void> {
  await lab.removeNode(spare);
  await lab.addNode(spare);
  await run('etcdctl', 'del', '--prefix', `cke/story/host-keys/${lab.node(spare).address}`);
}

function nameOf(step: Step): string {
  return 'component' in step ? `${step.kind} ${step.component}` : step.kind;
}
