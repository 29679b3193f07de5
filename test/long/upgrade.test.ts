import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import type { PlanPreview } from '../../cluster/saved-plan.ts';
import { repository } from '../../lab/state.ts';
import { olderEtcd, olderKubernetes } from '../../lab/versions.ts';
import type { ImagesProgress } from '../../workflows/contracts.ts';
import { startRiversClients } from '../workload/rivers-clients.ts';
import { allContainers } from '../e2e/containers.ts';
import { declaredNames, workerNames, writeDeclaration } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { sampleRunning } from '../e2e/sample-running.ts';
import { freshLab, prepareKubectl } from '../e2e/standing.ts';
import { apply, cke, figure, kubectl, lab, planOf, reconcile, seconds, status } from '../e2e/story.ts';
import { clientCredentials } from '../e2e/servers.ts';
import { underLoad } from '../e2e/under-load.ts';

const newer = { kubernetes: '1.34.4', etcd: '3.6.16' };
const older = { kubernetes: olderKubernetes, etcd: olderEtcd };
const controlPlanes = declaredNames.filter((name) => !workerNames.includes(name));

/** The cluster of the stories at these versions. */
function versions({ kubernetes, etcd }: typeof newer): string {
  return writeDeclaration((document) => {
    document.set('kubernetes_version', kubernetes);
    document.set('images', document.createNode({ etcd: `quay.io/coreos/etcd:v${etcd}` }));
  });
}

describe('a cluster is upgraded while clients work with it', () => {
  beforeAll(async () => {
    await freshLab({ images: 'older too' });
    await lab.startWorkers();
    // What a busy machine made an operation give up is made up for by the next.
    const report = await apply(versions(older));
    const { outcome, failed, blockers } = report.outcome === 'converged' ? report : await reconcile();
    expect({ outcome, failed, blockers }).toEqual({ outcome: 'converged', failed: [], blockers: [] });
    await prepareKubectl();
    await kubectl('apply', '--filename', join(repository, 'lab', 'demo-workload.yaml'));
    await kubectl('rollout', 'status', 'deployment/echo', '--timeout=120s');
    await kubectl('rollout', 'status', 'deployment/asker', '--timeout=120s');
  });
  // Its versions are no other story's: there is no way back.
  afterAll(() => lab.down());

  test.each([
    ['a minor is skipped', { ...older, kubernetes: '1.35.4' }, /1\.33 → 1\.34 → 1\.35/],
    ['Kubernetes goes back', { ...older, kubernetes: '1.33.6' }, /downgrade refused, 1\.33\.13 → 1\.33\.6/],
    ['etcd goes back', { ...older, etcd: '3.6.14' }, /downgrade refused, v3\.6\.15 → v3\.6\.14/],
  ])('%s: refused with the numbers, and nothing is changed', async (_what, wish, says) => {
    const said = await cke('apply', versions(wish), '--yes');
    expect(said.code).toBe(1);
    expect(said.stderr).toMatch(says);
    expect((await planOf()).steps).toEqual([]);
  });

  test('images are brought to the nodes before', async () => {
    const file = versions({ ...older, kubernetes: newer.kubernetes });
    const said = await cke('images', 'pull', file, '--output', 'json');
    expect(said.code, said.stderr).toBe(0);
    expect(fromJson<ImagesProgress>(said.stdout)).toMatchObject({ of: 5, done: 5, failed: [] });
    const wanting = await cke('images', 'pull', versions({ ...older, etcd: '3.6.99' }), '--output', 'json');
    expect(wanting.code).toBe(1);
    expect(
      fromJson<ImagesProgress>(wanting.stdout)
        .failed.map(({ node }) => node)
        .sort(),
    ).toEqual(controlPlanes);
    expect(wanting.stdout).toContain('quay.io/coreos/etcd:v3.6.99');
  });

  test('plan shows the rounds of the upgrade with what each disturbs', async () => {
    const plan = await planOf(versions({ ...older, kubernetes: newer.kubernetes }));
    const { forecast } = plan as PlanPreview;
    const steps = forecast.rounds.flatMap((round) => round.steps);
    for (const name of controlPlanes)
      expect(steps.map(({ title }) => title).join('\n')).toContain(`kube-apiserver on ${name}`);
    expect(steps.filter(({ title }) => title.startsWith('run ')).map(({ disruption }) => disruption)).not.toContain(
      'none',
    );
    expect(steps.some(({ title }) => title.startsWith('run kubelet'))).toBe(true);
    expect(forecast.ends).toBe('then the cluster is as declared');
  });

  test('Kubernetes by a minor: API servers one by one, the rest after them, and no request fails', async () => {
    const pods = await podsOf('app=echo');
    const report = await withClients('upgrade of Kubernetes', () =>
      apply(versions({ ...older, kubernetes: newer.kubernetes })),
    );
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    await expectOrder();
    await expectVersion(newer.kubernetes);
    expect(await podsOf('app=echo'), 'pods that were there before').toEqual(pods);
    await expectNoDrift();
  });

  test('etcd by a patch: one member at a time, and no request fails', async () => {
    const report = await withClients('upgrade of etcd', () => apply(versions(newer)));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    const restarts = report.done.filter((step) => step.startsWith('restart the etcd member'));
    expect(restarts.map((step) => /cp-\d/.exec(step)?.[0] ?? step).sort()).toEqual(controlPlanes);
    const made = (await allContainers()).filter(({ name }) => name === 'etcd');
    for (const { node, command, labels } of made)
      expect(labels['cke.spec'], `${node} ${command[0]}`).toContain(`etcd:v${newer.etcd}`);
    await expectNoDrift();
  });
});

/** Runs a change under the workload, with a client beside it on every node that retries through rivers: none of its requests fails. */
async function withClients(what: string, change: () => Promise<OperationReport>): Promise<OperationReport> {
  const { kubernetes } = await clientCredentials();
  const nodes = declaredNames.map((name) => lab.node(name));
  return underLoad(what, async () => {
    const clients = startRiversClients(nodes, kubernetes);
    const samplers = ['kube-apiserver', 'etcd'].map((component) => sampleRunning(component, controlPlanes));
    const begun = performance.now();
    const report = await change();
    const took = performance.now() - begun;
    const several = (await Promise.all(samplers.map((one) => one.stop()))).flat();
    const asked = clients.stop();
    const failed = asked.filter(({ outcome }) => outcome === 'failed');
    const again = asked.filter(({ failures }) => failures.length > 0);
    figure(`${what}: apply`, `${seconds(took)}, ${report.done.length} steps`);
    figure(`${what}: requests through rivers`, `${asked.length}, ${again.length} tried again, ${failed.length} failed`);
    expect(asked.length).toBeGreaterThan(100);
    expect(failed, 'requests that failed').toEqual([]);
    expect(several, 'more than one did not run').toEqual([]);
    return report;
  });
}

/** S-03, as the nodes tell it: what follows the API servers was started after the last of them. */
async function expectOrder(): Promise<void> {
  const made = await allContainers();
  const started = (name: string) => made.filter((one) => one.name === name).map((one) => Date.parse(one.startedAt));
  const servers = started('kube-apiserver').toSorted((a, b) => a - b);
  const last = Math.max(...servers);
  for (const follower of ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'])
    expect(Math.min(...started(follower)), follower).toBeGreaterThan(last);
}

interface NodeList {
  items: {
    metadata: { name: string };
    status: { nodeInfo: { kubeletVersion: string }; conditions: { type: string; status: string }[] };
  }[];
}

async function expectVersion(kubernetes: string): Promise<void> {
  const { items } = fromJson<NodeList>(await kubectl('get', 'nodes', '--output', 'json'));
  const told = items.map(({ metadata, status: { nodeInfo, conditions } }) => {
    const ready = conditions.find(({ type }) => type === 'Ready')?.status;
    return `${metadata.name} ${nodeInfo.kubeletVersion} Ready ${ready}`;
  });
  expect(told.sort()).toEqual(declaredNames.map((name) => `${name} v${kubernetes} Ready True`));
}

async function expectNoDrift(): Promise<void> {
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  const { view } = await status();
  const drifts = view?.nodes.flatMap(({ name, components }) =>
    components.flatMap(({ component, drift }) => (drift === undefined ? [] : [`${name} ${component}: ${drift}`])),
  );
  expect(drifts).toEqual([]);
}

interface PodList {
  items: { metadata: { name: string; uid: string }; status: { containerStatuses?: { restartCount: number }[] } }[];
}

/** Name, UID and restarts of each pod. */
async function podsOf(selector: string): Promise<string[]> {
  const { items } = fromJson<PodList>(await kubectl('get', 'pods', '--selector', selector, '--output', 'json'));
  return items
    .map(({ metadata, status: { containerStatuses = [] } }) => {
      const restarts = containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
      return `${metadata.name} ${metadata.uid} restarts ${restarts}`;
    })
    .sort();
}
