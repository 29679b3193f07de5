import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { freshLab, prepareKubectl } from '../e2e/standing.ts';
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

describe('metrics-server is an add-on', () => {
  beforeAll(async () => {
    await freshLab({ images: 'metrics-server too' });
    await lab.startWorkers();
    expect(await apply(writeDeclaration())).toMatchObject({ outcome: 'converged' });
    await prepareKubectl();
  });

  test('applied with the declaration, with the image that was declared', async () => {
    expect(await apply(withAddon())).toMatchObject({ outcome: 'converged', failed: [] });
    const path = 'jsonpath={.spec.template.spec.containers[0].image}';
    expect(await kubectl('get', 'deployment', 'metrics-server', '-n', 'kube-system', '-o', path)).toBe(image);
    await kubectl('rollout', 'status', '-n', 'kube-system', 'deployment/metrics-server', '--timeout=180s');
  });

  test('kubectl top tells of every node, and of pods', async () => {
    const everyNode = async () => {
      const lines = (await kubectl('top', 'nodes', '--no-headers')).trim().split('\n');
      const told = lines.filter((line) => /^\S+\s+\d+m\s+\d+%\s+\d+Mi/.test(line)).map((line) => line.split(/\s+/)[0]);
      return declaredNames.every((name) => told.includes(name)) || undefined;
    };
    await until('kubectl top nodes', everyNode, patient);
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
    const gone = async () =>
      (await kubectl('get', 'deployment', 'metrics-server', '-n', 'kube-system', '--ignore-not-found')) === '' ||
      undefined;
    await until('no metrics-server', gone, patient);
    expect((await cke('resource', 'list', '--cluster', cluster)).stdout).not.toContain('metrics-server');
  });
});
