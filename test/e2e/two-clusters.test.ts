import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import { allContainers } from './containers.ts';
import { nodeEntry, spare, writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { standingCluster } from './standing.ts';
import { cke, cluster, lab, reconcile, run } from './story.ts';

const other = 'neighbour';

describe('two clusters under one worker', () => {
  beforeAll(async () => {
    await standingCluster();
    await run('cke-client', 'init', other, '--ssh-key', lab.paths.sshKey);
  });
  afterAll(async () => {
    await run('cke-client', 'destroy', '--cluster', other, '--confirm', other);
    await lab.removeNode(spare);
    await lab.addNode(spare);
    await run('etcdctl', 'del', '--prefix', `cke/${other}/host-keys/`);
  });

  test('the second is built beside the first, and both are as declared', async () => {
    const file = writeDeclaration((document) => {
      document.set('name', other);
      document.set('nodes', document.createNode([{ ...nodeEntry(spare), control_plane: true }]));
    });
    const { stdout, stderr } = await cke('apply', file, '--output', 'json');
    const report = fromJson<OperationReport>(stdout === '' ? JSON.stringify({ stderr }) : stdout);
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    const owners = (await allContainers()).flatMap(({ node, labels }) => {
      const owner = labels['cke.cluster'];
      return owner === undefined ? [] : [{ owner, node }];
    });
    expect(new Set(owners.filter(({ node }) => node === spare).map(({ owner }) => owner))).toEqual(new Set([other]));
    expect(new Set(owners.filter(({ node }) => node !== spare).map(({ owner }) => owner))).toEqual(new Set([cluster]));
  });

  test.each([
    [cluster, other],
    [other, cluster],
  ])('the AppRole of %s reads its own secrets and none of %s', async (own, foreign) => {
    const token = await login(own);
    for (const secret of ['ssh', 'encryption', 'service-account']) {
      expect(await mayRead(token, `cke/${own}/secrets/${secret}`), `its own ${secret}`).toBe('yes');
      expect(await mayRead(token, `cke/${foreign}/secrets/${secret}`), `the other's ${secret}`).toBe(
        'permission denied',
      );
    }
    const issue = await lab.run('sh', [
      '-c',
      `VAULT_TOKEN=${token} vault write cke/${foreign}/ca-kubernetes/issue/admin common_name=x`,
    ]);
    expect(issue.code).not.toBe(0);
    expect(issue.stderr).toContain('permission denied');
  });
});

/** As the worker does it: role-id and secret-id from the files that `init` wrote. */
async function login(name: string): Promise<string> {
  const of = (file: string) => readFileSync(join(lab.paths.credentials, name, file), 'utf8').trim();
  const args = ['-field=token', 'auth/approle/login', `role_id=${of('role-id')}`, `secret_id=${of('secret-id')}`];
  return (await run('vault', 'write', ...args)).trim();
}

async function mayRead(token: string, path: string): Promise<string> {
  const mount = path.split('/').slice(0, -1).join('/');
  const name = path.split('/').at(-1) ?? '';
  const asked = await lab.run('sh', ['-c', `VAULT_TOKEN=${token} vault read ${mount}/data/${name}`]);
  if (asked.code === 0) return 'yes';
  return asked.stderr.includes('permission denied') ? 'permission denied' : asked.stderr;
}
