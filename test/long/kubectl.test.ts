import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declaredNames } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { throughForward } from './port-forward.ts';
import { standingCluster } from '../e2e/standing.ts';
import { cluster, kubectl, lab, run, until } from '../e2e/story.ts';

interface Pods {
  items: { metadata: { name: string }; spec: { nodeName: string } }[];
}

const workload = join(import.meta.dirname, 'kubectl-workload.yaml');
const here = ['--namespace', 'kubectl-story'];
/** A kubelet may be busy: what it has just started is asked again for a while. */
const patient = { seconds: 120, everyMilliseconds: 1000 };

let onNode: ReadonlyMap<string, string>;
const podOn = (node: string): string => onNode.get(node) ?? `no pod on ${node}`;

beforeAll(async () => {
  await standingCluster();
  await kubectl('apply', '-f', workload);
  await kubectl(...here, 'rollout', 'status', 'daemonset/talks', '--timeout=240s');
  const { items } = fromJson<Pods>(await kubectl(...here, 'get', 'pods', '--output', 'json'));
  onNode = new Map(items.map(({ metadata, spec }) => [spec.nodeName, metadata.name]));
});
afterAll(() => kubectl('delete', '-f', workload, '--ignore-not-found'));

describe('kubectl with the kubeconfig of cke-client', () => {
  test('version, readyz and whoami', async () => {
    const { serverVersion } = fromJson<{ serverVersion: { gitVersion: string } }>(
      await kubectl('version', '--output', 'json'),
    );
    expect(serverVersion.gitVersion).toBe('v1.34.4');
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await kubectl('get', '--raw', '/livez?verbose')).toContain('livez check passed');
    expect(await kubectl('auth', 'whoami')).toMatch(/Groups\s+\[system:masters system:authenticated\]/u);
    expect(await kubectl('cluster-info')).toContain('control plane');
  });

  test('logs and exec reach the kubelet of every node', async () => {
    for (const node of declaredNames) {
      expect(await kubectl(...here, 'logs', podOn(node), '-c', 'main', '--tail=1')).toBe(`I am on ${node}\n`);
      const said = await kubectl(...here, 'exec', podOn(node), '-c', 'main', '--', 'sh', '-c', 'echo $NODE');
      expect(said.trim()).toBe(node);
    }
    const all = await kubectl(...here, 'logs', '-l', 'app=talks', '-c', 'main', '--prefix', '--max-log-requests=5');
    expect(all.trim().split('\n')).toHaveLength(declaredNames.length);
  });

  test('exec hands on input and the exit code', async () => {
    const [node = ''] = declaredNames;
    const args = [...here, 'exec', '-i', podOn(node), '-c', 'main', '--', 'sh', '-c', 'cat; exit 9'];
    const { code, stdout } = await lab.run('kubectl', args, 'through the pipe\n');
    expect([code, stdout]).toEqual([9, 'through the pipe\n']);
  });

  test('attach reaches the process itself', async () => {
    const [node = ''] = declaredNames;
    // kubectl's end closes with its input; what the process heard stands in its log.
    await lab.run('kubectl', [...here, 'attach', '-i', podOn(node), '-c', 'main'], 'attached\n');
    const heard = async () =>
      (await kubectl(...here, 'logs', podOn(node), '-c', 'main')).includes('heard attached') || undefined;
    await until('what attach said', heard, patient);
  });

  test('port-forward leads to a pod of every node, and to a Service', async () => {
    for (const node of declaredNames)
      expect(await throughForward(...here, `pod/${podOn(node)}`, ':8080')).toBe(`${podOn(node)} answers GET /`);
    expect(await throughForward(...here, 'service/talks', ':80')).toContain('answers GET /');
  });

  test('cp brings a file into a pod and back', async () => {
    const [node = ''] = declaredNames;
    const directory = mkdtempSync(join(tmpdir(), 'kubectl-'));
    try {
      const [there, back] = [join(directory, 'there'), join(directory, 'back')];
      const text = 'a line\n'.repeat(10_000);
      writeFileSync(there, text);
      await kubectl(...here, 'cp', '-c', 'main', there, `${podOn(node)}:/tmp/copied`);
      await kubectl(...here, 'cp', '-c', 'main', `${podOn(node)}:/tmp/copied`, back);
      expect(readFileSync(back, 'utf8')).toBe(text);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('the API leads to pods, Services and kubelets', async () => {
    const [node = ''] = declaredNames;
    const inside = '/api/v1/namespaces/kubectl-story';
    expect(await kubectl('get', '--raw', `${inside}/pods/${podOn(node)}:8080/proxy/`)).toContain('answers GET /');
    expect(await kubectl('get', '--raw', `${inside}/services/talks:http/proxy/`)).toContain('answers GET /');
    expect(await kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/healthz`)).toBe('ok');
  });

  test('a kubeconfig for somebody else is theirs', async () => {
    const file = join(lab.paths.directory, 'alice.kubeconfig');
    const flags = ['--user', 'alice', '--group', 'viewers', '--cluster', cluster];
    writeFileSync(file, await run('cke-client', 'kubeconfig', ...flags), { mode: 0o600 });
    const alice = (...args: string[]) => lab.run('kubectl', ['--kubeconfig', file, ...args]);
    expect((await alice('auth', 'whoami')).stdout).toMatch(/Username\s+\S*alice\n.*viewers/u);
    const refused = await alice('get', 'nodes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('cannot list resource "nodes"')]);
    rmSync(file);
  });
});
