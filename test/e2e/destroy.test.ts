import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LabNode } from '../../lab/lab-node.ts';
import { destroyWorkflowId, vaultWorkflowId, type DestructionProgress } from '../../workflows/contracts.ts';
import { allContainers } from './containers.ts';
import { declaredNames, writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { prepareKubectl, standingCluster } from './standing.ts';
import { apply, cke, cluster, figure, history, lab, reconcile, seconds, status } from './story.ts';
import { activitiesUnderWay, hasSchedule, withTemporal } from './temporal-server.ts';
import { expectWhole } from './whole.ts';

const ours = ['/etc/kubernetes', '/etc/etcd', '/etc/rivers', '/etc/cni/net.d'];

/** Files of ours on a node, and what lies in the volume of etcd but the trash. */
async function filesOn(node: LabNode): Promise<string[]> {
  const volume = 'find /var/lib/etcd-cke -mindepth 1 -maxdepth 1 ! -name trash 2>/dev/null';
  const said = await node.exec(['sh', '-c', `find ${ours.join(' ')} ! -type d 2>/dev/null; ${volume}; true`]);
  return said.split('\n').filter((line) => line !== '');
}

describe('a cluster that is given up', () => {
  const away = 'worker-2';
  beforeAll(standingCluster);

  test('is only destroyed by its name', async () => {
    const before = await allContainers();
    const unnamed = await cke('destroy', '--cluster', cluster);
    expect(unnamed).toMatchObject({ code: 1 });
    expect(unnamed.stderr).toContain('nobody can be asked');
    expect(await cke('destroy', '--cluster', cluster, '--confirm', 'other')).toMatchObject({ code: 1 });
    expect((await allContainers()).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  });

  test('goes from every node that answers, the worker being killed half-way; who does not answer is named', async () => {
    await lab.node(away).powerOff();
    const begun = performance.now();
    const destroyed = cke('destroy', '--cluster', cluster, '--confirm', cluster, '--output', 'json');
    await withTemporal(async (client) => {
      const id = destroyWorkflowId(cluster);
      while (!(await activitiesUnderWay(client, id)).includes('stopCondemnedMember')) await sleep(5);
    });
    await lab.endWorkers('kill');
    await lab.startWorkers();
    const { code, stdout, stderr } = await destroyed;
    figure('destroy 3+2, the worker killed, a node off', seconds(performance.now() - begun));
    expect(code, stderr).toBe(3);
    const { cleaned, left } = fromJson<DestructionProgress>(stdout);
    expect(cleaned.toSorted()).toEqual(declaredNames.filter((name) => name !== away).toSorted());
    expect(left).toMatchObject([{ node: away }]);
    expect(await allContainers()).toEqual([]);
    for (const name of cleaned) expect(await filesOn(lab.node(name)), name).toEqual([]);
    const trash = await lab.node('cp-1').exec(['sh', '-c', 'ls /var/lib/etcd-cke/trash/*/member']);
    expect(trash).toContain('wal');
  });

  test('status and history say so, and nothing is reconciled any more', async () => {
    expect(await status()).toMatchObject({ destruction: { left: [{ node: away }] } });
    expect(await hasSchedule(vaultWorkflowId(cluster))).toBe(true);
    expect((await history()).at(-1)?.report).toMatchObject({
      outcome: 'destroyed',
      failed: [{ step: `clean ${away}` }],
    });
    const asked = await cke('reconcile', '--wait', '--cluster', cluster);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('was destroyed by');
  });

  test('the node that was away is cleaned by the same command, once it is back', async () => {
    await lab.node(away).powerOn();
    const again = await cke('destroy', '--cluster', cluster, '--confirm', cluster);
    expect(again.code, again.stderr).toBe(0);
    expect(await allContainers()).toEqual([]);
    expect(await filesOn(lab.node(away))).toEqual([]);
    expect(await hasSchedule(vaultWorkflowId(cluster))).toBe(false);
  });

  test('a new cluster is built under the same name', async () => {
    const file = writeDeclaration();
    const { outcome, failed, blockers, waits } = await apply(file);
    expect({ outcome, failed, blockers, waits }).toEqual({ outcome: 'converged', failed: [], blockers: [], waits: [] });
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect(await hasSchedule(vaultWorkflowId(cluster))).toBe(true);
    await prepareKubectl();
    await expectWhole({ declaration: readFileSync(file, 'utf8'), setsLost: 100 });
    expect((await history()).map(({ report }) => report.outcome)).toContain('destroyed');
  });
});
