import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allContainers, containerIds, dockerOf, replaced } from '../e2e/containers.ts';
import { declaredNames, workerNames, writeDeclaration } from '../e2e/declaration.ts';
import { startRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, kubectl, lab, run } from '../e2e/story.ts';

const original = 'registry.k8s.io/kube-proxy:v1.34.4';
const entry = 'lab';
const node = workerNames[0] ?? '';

let registry: Registry;
let first: string;
let second: string;
let echo: string;

const withImage = (image: string) => (document: Document) => {
  document.setIn(['images', 'kube-proxy'], image);
  document.set('private_registries', document.createNode([{ host: registry.host, credentials_secret: entry }]));
};

/** As an operator stores it; what it is never is an argument. */
async function storeLogin(login: string): Promise<void> {
  const { code, stderr } = await lab.run(
    'vault',
    ['kv', 'put', '-mount=cke/story/secrets', 'registries', `${entry}=-`],
    login,
  );
  if (code !== 0) throw new Error(stderr);
}

describe('images come from a registry that asks for a login', () => {
  beforeAll(async () => {
    await standingCluster();
    registry = await startRegistry();
    first = await registry.hold(original, 'kube-proxy:v1.34.4');
    second = await registry.hold(original, 'again/kube-proxy:v1.34.4');
    echo = await registry.hold('cke.lab/echo:1', 'echo:1');
  });
  afterAll(async () => {
    await kubectl('delete', 'pod', 'pulled', '--ignore-not-found', '--grace-period=0', '--force');
    await nameOriginal();
    await standingCluster();
    registry?.stop();
  });

  test('with a wrong login nothing is replaced, and the error says where the login is, and not what it is', async () => {
    await storeLogin('robot:wrong-password');
    const before = await containerIds();
    const report = await apply(writeDeclaration(withImage(first)));
    expect(report.outcome).toMatch(/^(failed|blocked)$/);
    const said = JSON.stringify(report);
    expect(said).toContain('RegistryRefused');
    expect(said).toContain(registry.host);
    expect(said).toContain(`registries ${entry}=`);
    expect(said).not.toContain('wrong-password');
    expect(replaced(before, await containerIds()).filter((place) => place.endsWith('/kube-proxy'))).toEqual([]);
  });

  test('with the right one every node pulls; the login stands in Vault and nowhere in the declaration', async () => {
    await storeLogin(registry.login);
    // Docker is told at each pull; the kubelets, which began with the wrong one, with their next file set.
    await run('cke-client', 'certificates', 'rotate', '--kind', 'kubelet', '--cluster', cluster);
    const { stdout } = await cke('reconcile', '--wait', '--cluster', cluster, '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(await imagesOfProxies()).toEqual(declaredNames.map(() => first));
    const stored = await run('etcdctl', 'get', '--prefix', 'cke/story/');
    const [, password = ''] = registry.login.split(':');
    expect(stored.includes(password), 'the password in the management etcd').toBe(false);
  });

  test('pods pull from it without a secret of their own', async () => {
    const overrides = { spec: { nodeName: node, terminationGracePeriodSeconds: 0 } };
    const pull = ['--image-pull-policy=Always', `--overrides=${JSON.stringify(overrides)}`];
    await run('kubectl', 'run', 'pulled', `--image=${echo}`, ...pull);
    await kubectl('wait', 'pod/pulled', '--for=condition=Ready', '--timeout=60s');
    const file = '/etc/kubernetes/kubelet/registries/.docker/config.json';
    const mode = await lab.node(node).exec(['stat', '--dereference', '--format=%a %u', file]);
    expect(mode).toBe('600 0\n');
  });

  test('the present image and the one before stay on a node, an older one goes', async () => {
    await apply(writeDeclaration(withImage(second)));
    expect(await imagesOfProxies()).toEqual(declaredNames.map(() => second));
    for (const name of declaredNames) expect(await proxyImagesOn(name), name).toEqual([second, first].sort());
  });
});

async function imagesOfProxies(): Promise<string[]> {
  const all = await allContainers(declaredNames.map((name) => lab.node(name)));
  const proxies = all.filter(({ name }) => name === 'kube-proxy');
  return Promise.all(
    proxies.map(
      async ({ node: where, id }) => (await dockerOf(lab.node(where)).getContainer(id).inspect()).Config.Image,
    ),
  );
}

async function proxyImagesOn(name: string): Promise<string[]> {
  const images = await dockerOf(lab.node(name)).listImages();
  return images
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => /\/kube-proxy:v1\.34/.test(tag))
    .sort();
}

/** No registry of the lab has the image that the other stories run: it gets its name back by hand. */
async function nameOriginal(): Promise<void> {
  const [repo = '', tag = ''] = original.split(':');
  for (const name of declaredNames)
    for (const image of await proxyImagesOn(name)) await dockerOf(lab.node(name)).getImage(image).tag({ repo, tag });
}
