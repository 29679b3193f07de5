import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { writeAtomically } from '../../lab/state.ts';
import { fromJson } from './json.ts';
import { manyObjects, namespaces, secretOf, webhookConfiguration, webhookSecret } from './manifests.ts';
import { standingCluster } from './standing.ts';
import { cke, cluster, figure, history, kubectl, lab, reconcile, run, seconds, status, until } from './story.ts';

interface Live {
  metadata: { name: string; resourceVersion: string };
  data?: Record<string, string>;
  webhooks?: { clientConfig: { caBundle: string } }[];
}

const file = (): string => join(lab.paths.directory, 'resources.yaml');

function write(objects: readonly KubernetesObject[]): string {
  writeAtomically(file(), objects.map((object) => stringify(object, { version: '1.1' })).join('---\n'));
  return file();
}

async function set(objects: readonly KubernetesObject[], ...flags: string[]): Promise<OperationReport> {
  const said = await cke(
    'resource',
    'set',
    write(objects),
    '--wait',
    ...flags,
    '--cluster',
    cluster,
    '--output',
    'json',
  );
  expect(said.code, said.stderr).not.toBe(1);
  return fromJson<OperationReport>(said.stdout);
}

const list = async (kind: string): Promise<Live[]> =>
  fromJson<{ items: Live[] }>(
    await kubectl('get', kind, '-A', '-l', 'cke.cybozu.com/resource=user', '--output', 'json'),
  ).items;

async function get(kind: string, name: string, namespace = 'default'): Promise<Live> {
  return fromJson<Live>(await kubectl('get', kind, name, '-n', namespace, '--output', 'json'));
}

const configMap = (name: string, data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** Says yes to all that is asked. */
async function approveAll(): Promise<void> {
  const report = await reconcile();
  for (const { fingerprint } of report.pending ?? [])
    await run('cke-client', 'approve', fingerprint, '--cluster', cluster);
}

describe('objects of users', () => {
  const objects = manyObjects();
  beforeAll(standingCluster);
  afterAll(async () => {
    await cke('resource', 'set', write([configMap('last', {})]), '--prune', '--cluster', cluster);
    await cke('resource', 'delete', 'configmap', 'last', '--cluster', cluster);
    await until(
      'nothing of the story',
      async () => {
        await approveAll();
        return (await reconcile()).outcome === 'converged' || undefined;
      },
      { seconds: 240, everyMilliseconds: 2000 },
    );
  });

  test('500 objects in one file, each before what it stands on, are applied', async () => {
    expect(objects).toHaveLength(500);
    expect(new Set(objects.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(20);
    const began = Date.now();
    const report = await set(objects);
    figure('500 objects, from the file into the cluster', seconds(Date.now() - began));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(await list('configmap')).toHaveLength(255);
    expect(await list('widgets.shop.example.com')).toHaveLength(20);
    const [secret] = await list('secret');
    expect(Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString()).toMatch(
      /^a-password-of-the-story-\d+$/u,
    );
  });

  test('what Secrets hold is not in the management etcd, nor told by get', async () => {
    const dump = await run('etcdctl', 'get', `cke/${cluster}/`, '--prefix');
    expect(dump).toContain('Secret/shop-b/web-7');
    expect(dump).not.toContain('a-password-of-the-story');
    expect(dump).not.toContain(Buffer.from(secretOf(7)).toString('base64'));
    const told = await cke('resource', 'get', 'secret', 'shop-b/web-7', '--cluster', cluster);
    expect(told.code, told.stderr).toBe(0);
    expect(told.stdout).toContain('kind: Secret');
    expect(told.stdout).not.toMatch(/^(data|stringData):/mu);
  });

  test('a second look changes nothing', async () => {
    const before = await list('configmap');
    const began = Date.now();
    const report = await reconcile();
    figure('a look at 500 objects that are as defined, with its operation', seconds(Date.now() - began));
    expect(report).toMatchObject({ outcome: 'converged', done: [] });
    expect((await cke('resource', 'diff', write(objects), '--cluster', cluster)).code).toBe(0);
    const after = await list('configmap');
    const versions = (lives: Live[]) => lives.map(({ metadata }) => metadata.resourceVersion);
    expect(versions(after)).toEqual(versions(before));
  });

  test('what somebody changes of ours is put back, and what is theirs stays', async () => {
    const theirs = '{"data":{"key":"changed by hand","theirs":"stays"}}';
    await kubectl('patch', 'configmap', 'web-4', '-n', 'shop-a', '--type=merge', '-p', theirs);
    await kubectl('delete', 'configmap', 'web-6', '-n', 'shop-a');
    await reconcile();
    const done = (await history(3)).flatMap(({ report }) => report.done);
    expect(done.join()).toMatch(/kubectl.* changed fields that are ours/u);
    expect((await get('configmap', 'web-4', 'shop-a')).data).toEqual({ key: 'value 4', mode: '0644', theirs: 'stays' });
    expect((await get('configmap', 'web-6', 'shop-a')).data).toMatchObject({ key: 'value 6' });
  });

  test('one bad object is named with the words of the API server, and holds up no other', async () => {
    const bad = { ...configMap('bad', {}), data: { key: { not: 'a text' } } };
    const report = await set([bad, configMap('good', { key: 'value' })]);
    expect(report.outcome).toBe('blocked');
    const refused = report.blockers.filter(({ gate }) => gate === 'resource-refused');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.because).toMatch(/^ConfigMap default\/bad: .*data/u);
    expect((await get('configmap', 'good')).data).toEqual({ key: 'value' });
    const listed = await cke('resource', 'list', '--cluster', cluster);
    expect(listed.code).toBe(3);
    await set([configMap('bad', { key: 'a text' })]);
    expect((await get('configmap', 'bad')).data).toEqual({ key: 'a text' });
    expect((await cke('resource', 'list', '--cluster', cluster)).code).toBe(0);
  });

  test('a change is there in a moment, with nobody waiting for it; what is to stay outlives its definition', async () => {
    const kept = configMap('kept', { key: 'stays' });
    kept.metadata.annotations = { 'cke.cybozu.com/prune': 'disabled' };
    await run('cke-client', 'resource', 'set', write([kept]), '--cluster', cluster);
    const began = Date.now();
    await until('the new object', async () => (await get('configmap', 'kept')).data?.['key'], { seconds: 60 });
    figure('from the end of `resource set` to the object', seconds(Date.now() - began));
    await run('cke-client', 'resource', 'delete', 'configmap', 'default/kept', '--cluster', cluster);
    expect(await reconcile()).toMatchObject({ outcome: 'converged' });
    expect((await get('configmap', 'kept')).data).toEqual({ key: 'stays' });
    expect((await cke('resource', 'list', '--cluster', cluster)).stdout).not.toContain('kept');
    await kubectl('delete', 'configmap', 'kept');
  });

  test('a certificate for what is no Service is refused before anything is stored', async () => {
    const wish = { ...webhookSecret, metadata: { name: 'wish', annotations: { 'cke.cybozu.com/issue-cert': 'a,b' } } };
    const { code, stderr } = await cke('resource', 'set', write([wish]), '--cluster', cluster);
    expect([code, stderr]).toEqual([1, expect.stringContaining('want the name of a Service, got "a,b"')]);
  });

  test('a webhook trusts the certificate that its Secret was given', async () => {
    const report = await set([webhookSecret, webhookConfiguration]);
    expect(report).toMatchObject({ outcome: 'converged' });
    const { data = {} } = await get('secret', 'hook-tls');
    const pem = (text = '') => Buffer.from(text, 'base64').toString();
    const leaf = new X509Certificate(pem(data['tls.crt']));
    expect(leaf.subjectAltName).toContain('DNS:hook.default.svc');
    expect(pem(data['tls.key'])).toContain('PRIVATE KEY');
    const { webhooks = [] } = await get('validatingwebhookconfiguration', 'hook');
    const authority = new X509Certificate(pem(webhooks[0]?.clientConfig.caBundle));
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(await reconcile()).toMatchObject({ done: [] });
    expect((await get('secret', 'hook-tls')).data, 'the same certificate').toEqual(data);
  });

  test('what is taken out of the set is deleted, namespaces and definitions after a yes only', async () => {
    const report = await set([configMap('good', { key: 'value' })], '--prune');
    expect(report.outcome).toBe('waiting');
    const asked = (report.pending ?? []).map(({ target }) => target);
    expect(asked).toContain('CustomResourceDefinition widgets.shop.example.com');
    expect(asked).toEqual(expect.arrayContaining(namespaces.map((name) => `Namespace ${name}`)));
    expect(await list('secret')).toEqual([]);
    expect((await list('configmap')).map(({ metadata }) => metadata.name)).toEqual(['good']);
    expect(await list('namespace')).toHaveLength(2);
    expect((await status()).status?.lastReport?.pending).toHaveLength(asked.length);
    await approveAll();
    await until('the namespaces are gone', async () => (await list('namespace')).length === 0 || undefined, {
      seconds: 240,
    });
    const definitions = () => kubectl('get', 'crd', '--output', 'name');
    const probe = async () => !(await definitions()).includes('widgets.shop.example.com') || undefined;
    await until('the definition is gone', probe, { seconds: 240 });
  });
});
