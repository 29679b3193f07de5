import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run as runProgram } from '../../lab/command.ts';
import { Progress } from '../../lab/progress.ts';
import { writeAtomically } from '../../lab/state.ts';
import { resolveTools } from '../../lab/toolchain.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { freshLab, prepareKubectl } from '../e2e/standing.ts';
import { moduleSources } from './sources.ts';
import { apply, cke, cluster, kubectl, lab, planOf, reconcile, until } from '../e2e/story.ts';

const source = join(import.meta.dirname, 'metrics-server.yaml');
const image = 'registry.k8s.io/metrics-server/metrics-server:v0.8.0';
const patient = { seconds: 180, everyMilliseconds: 2000 };

/** The cluster of the stories with the add-on, its image being another than its manifests name. */
const withAddon = (): string =>
  writeDeclaration((document) =>
    document.set(
      'addons',
      document.createNode([
        {
          name: 'metrics-server',
          source,
          sha256: createHash('sha256').update(readFileSync(source)).digest('hex'),
          images: { 'example.com/metrics-server:of-somebody': image },
        },
      ]),
    ),
  );

/** `kubectl top` comes to tell of every node. */
async function tellsOfEveryNode(): Promise<void> {
  const everyNode = async () => {
    const lines = (await kubectl('top', 'nodes', '--no-headers')).trim().split('\n');
    const told = lines.filter((line) => /^\S+\s+\d+m\s+\d+%\s+\d+Mi/.test(line)).map((line) => line.split(/\s+/)[0]);
    return declaredNames.every((name) => told.includes(name)) || undefined;
  };
  await until('kubectl top nodes', everyNode, patient);
}

async function untilGone(): Promise<void> {
  const left = () => kubectl('get', 'deployment', 'metrics-server', '-n', 'kube-system', '--ignore-not-found');
  await until('no metrics-server', async () => (await left()) === '' || undefined, patient);
}

beforeAll(async () => {
  await freshLab({ images: 'metrics-server too' });
  await lab.startWorkers();
  expect(await apply(writeDeclaration())).toMatchObject({ outcome: 'converged' });
  await prepareKubectl();
});

describe('metrics-server is an add-on', () => {
  test('applied with the declaration, with the image that was declared', async () => {
    expect(await apply(withAddon())).toMatchObject({ outcome: 'converged', failed: [] });
    const path = 'jsonpath={.spec.template.spec.containers[0].image}';
    expect(await kubectl('get', 'deployment', 'metrics-server', '-n', 'kube-system', '-o', path)).toBe(image);
    await kubectl('rollout', 'status', '-n', 'kube-system', 'deployment/metrics-server', '--timeout=180s');
  });

  test('kubectl top tells of every node, and of pods', async () => {
    await tellsOfEveryNode();
    const pods = async () =>
      /cluster-dns-\S+\s+\d+m\s+\d+Mi/.test(await kubectl('top', 'pods', '-n', 'kube-system')) || undefined;
    await until('kubectl top pods', pods, patient);
  });

  test('nothing is left to do', async () => {
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect((await planOf(withAddon())).steps).toEqual([]);
  });

  test('taken out of the declaration, its objects go', async () => {
    expect(await apply(writeDeclaration())).toMatchObject({ outcome: 'converged' });
    await untilGone();
    expect((await cke('resource', 'list', '--cluster', cluster)).stdout).not.toContain('metrics-server');
  });
});

/** The chart as its authors publish it, which is in the Go module of the program, rendered by Helm for the image that the lab has. */
async function renderedChart(): Promise<string> {
  const sources = await moduleSources('metrics-server', 'sigs.k8s.io/metrics-server');
  const helm = (await resolveTools(['helm'], new Progress()))('helm');
  const chart = join(sources, 'charts/metrics-server');
  const values = ['--namespace', 'kube-system', '--set', 'image.tag=v0.8.0'];
  return runProgram(helm, ['template', 'metrics-server', chart, ...values]);
}

describe('the chart of metrics-server is a set of resources', () => {
  const file = () => join(lab.paths.directory, 'chart.yaml');
  const resource = (...args: string[]) => cke('resource', ...args, '--cluster', cluster, '--output', 'json');

  test('as Helm renders it, nothing changed', async () => {
    writeAtomically(file(), await renderedChart());
    const { code, stdout, stderr } = await resource('set', file(), '--wait');
    expect(code, stderr).toBe(0);
    expect(fromJson(stdout)).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    await kubectl('rollout', 'status', '-n', 'kube-system', 'deployment/metrics-server', '--timeout=180s');
    await tellsOfEveryNode();
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });

  test('and goes with its file', async () => {
    const { code, stderr } = await resource('delete', '--file', file());
    expect(code, stderr).toBe(0);
    await untilGone();
  });
});
