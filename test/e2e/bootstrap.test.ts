import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../../lab/state.ts';
import { containerIds, replaced } from './containers.ts';
import { declaredNames, writeDeclaration } from './declaration.ts';
import { freshLab, kubernetesNodes, prepareKubectl } from './standing.ts';
import { apply, figure, history, kubectl, lab, reconcile, seconds, until } from './story.ts';

describe('from five bare machines to a cluster', () => {
  beforeAll(async () => {
    await freshLab();
    await lab.startWorkers();
  });

  test('apply ends converged, and five nodes are Ready', async () => {
    const begun = performance.now();
    const report = await apply(writeDeclaration());
    figure('bootstrap of 3 control planes and 2 workers', seconds(performance.now() - begun));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [], waits: [] });
    await prepareKubectl();
    const nodes = await kubernetesNodes();
    expect(nodes.map(({ metadata }) => metadata.name).sort()).toEqual(declaredNames);
  });

  test('pods answer through a Service, asked from another node', async () => {
    await kubectl('apply', '--filename', join(repository, 'lab', 'demo-workload.yaml'));
    await kubectl('rollout', 'status', 'deployment/echo', '--timeout=120s');
    const address = await kubectl('get', 'service', 'echo', '--output', 'jsonpath={.spec.clusterIP}');
    const answers = new Set<string>();
    await until(
      'answers of more than one pod',
      async () => {
        const answer = await lab.node('worker-1').fetch(`http://${address}/`);
        if (answer !== undefined) answers.add(answer.trim());
        return answers.size > 1 || undefined;
      },
      { seconds: 60 },
    );
    for (const answer of answers) expect(answer).toContain('echo-');
  });

  test('a second reconcile does nothing: no step, no container touched, no word in history', async () => {
    const [before, told] = [await containerIds(), await history()];
    const begun = performance.now();
    const report = await reconcile();
    figure('reconcile of a cluster that is as declared, with cke-client', seconds(performance.now() - begun));
    expect(report).toMatchObject({ outcome: 'converged', done: [], rounds: 1 });
    expect(replaced(before, await containerIds())).toEqual([]);
    expect(await history()).toEqual(told);
  });
});
