import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { components } from '../../cluster/components/component.ts';
import { allContainers, dockerOf } from '../e2e/containers.ts';
import type { Container } from '../e2e/containers.ts';
import { declaredNames, nodeEntry, workerNames, writeDeclaration } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, figure, kubectl, lab, planOf, run, seconds } from '../e2e/story.ts';

/** The argument that each component gets, and where its effect is looked for: on its command line or in HAProxy's configuration. */
const additions: Record<string, { args: string; shows: string }> = {
  etcd: { args: '--snapshot-count=20000', shows: '--snapshot-count=20000' },
  rivers: { args: '--shutdown-timeout=2s', shows: 'hard-stop-after 2s' },
  'etcd-rivers': { args: '--shutdown-timeout=3s', shows: 'hard-stop-after 3s' },
  'kube-api': { args: '--goaway-chance=0.001', shows: '--goaway-chance=0.001' },
  'kube-controller-manager': { args: '--v=1', shows: '--v=1' },
  'kube-scheduler': { args: '--v=1', shows: '--v=1' },
  'kube-proxy': { args: '--v=1', shows: '--v=1' },
  kubelet: { args: '--v=1', shows: '--v=1' },
};

const source = '/srv/story';
const destination = '/story';
const bind = { source, destination, read_only: true };
const worker = workerNames[0] ?? '';
const taint = { key: 'example.com/story', value: 'yes', effect: 'PreferNoSchedule' };

function withEverything(document: Document): void {
  for (const [name, { args }] of Object.entries(additions)) {
    const params = { extra_args: [args], extra_binds: [bind], extra_env: { STORY: name } };
    for (const [key, value] of Object.entries(params))
      document.setIn(['options', name, key], document.createNode(value));
  }
  const more = { labels: { 'example.com/rack': 'r7' }, annotations: { 'example.com/owner': 'story' }, taints: [taint] };
  const nodes = declaredNames.map((name) => (name === worker ? { ...nodeEntry(name), ...more } : nodeEntry(name)));
  document.set('nodes', document.createNode(nodes));
}

describe('arguments, binds and variables of every component, labels, annotations and taints', () => {
  beforeAll(async () => {
    await standingCluster();
    for (const name of declaredNames)
      await lab.node(name).exec(['sh', '-c', `mkdir -p ${source} && echo of ${name} > ${source}/marker`]);
  });
  afterAll(standingCluster);

  test('are on every container and on the Node', async () => {
    const begun = performance.now();
    const report = await apply(writeDeclaration(withEverything));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    figure('another option for every component: apply', seconds(performance.now() - begun));
    const ours = await ourContainers();
    expect(new Set(ours.map(({ name }) => name))).toEqual(new Set(components.filter((one) => one !== 'vault-kms')));
    for (const one of ours) await expectAdditions(one);
    const { metadata, spec } = await nodeObject();
    expect(metadata.labels).toMatchObject({ 'example.com/rack': 'r7' });
    expect(metadata.annotations).toMatchObject({ 'example.com/owner': 'story' });
    expect(spec.taints).toContainEqual(taint);
  });

  test('that somebody takes off the Node by hand are put back', async () => {
    await kubectl('label', 'node', worker, 'example.com/rack-');
    await kubectl('taint', 'node', worker, 'example.com/story-');
    await run('cke-client', 'reconcile', '--wait', '--cluster', 'story');
    const { metadata, spec } = await nodeObject();
    expect(metadata.labels).toMatchObject({ 'example.com/rack': 'r7' });
    expect(spec.taints).toContainEqual(taint);
  });

  test('go when they are taken out of the declaration; what others have set stays', async () => {
    await kubectl('label', 'node', worker, 'example.com/theirs=yes', '--overwrite');
    await apply(writeDeclaration());
    const { metadata, spec } = await nodeObject();
    expect(Object.keys({ ...metadata.labels, ...metadata.annotations })).not.toContain('example.com/rack');
    expect(Object.keys(metadata.annotations)).not.toContain('example.com/owner');
    expect(spec.taints ?? []).not.toContainEqual(taint);
    expect(metadata.labels).toMatchObject({ 'example.com/theirs': 'yes' });
    await kubectl('label', 'node', worker, 'example.com/theirs-');
    for (const { node, name } of await ourContainers()) expect(await added(node, name)).toEqual([]);
    expect((await planOf()).steps).toEqual([]);
  });
});

async function ourContainers(): Promise<Container[]> {
  const all = await allContainers(declaredNames.map((name) => lab.node(name)));
  return all.filter(({ name }) => components.some((component) => component === name));
}

/** What an operator sees in `docker inspect`, and what the process itself sees. */
async function expectAdditions({ node, name, pid, command }: Container): Promise<void> {
  const option = name === 'kube-apiserver' ? 'kube-api' : name;
  const where = `${name} on ${node}`;
  expect(await added(node, name), where).toEqual([`STORY=${option}`, `${source}:${destination}:ro`]);
  const inside = `/proc/${pid}/root${destination}/marker`;
  expect(await lab.node(node).exec(['cat', inside]), where).toBe(`of ${node}\n`);
  const isProxy = option === 'rivers' || option === 'etcd-rivers';
  const text = isProxy ? await lab.node(node).exec(['cat', `/etc/rivers/${option}/haproxy.cfg`]) : command.join('\n');
  expect(text, where).toContain(additions[option]?.shows);
}

async function added(node: string, name: string): Promise<string[]> {
  const { Config, HostConfig } = await dockerOf(lab.node(node)).getContainer(name).inspect();
  const variables = Config.Env.filter((one) => one.startsWith('STORY='));
  return [...variables, ...(HostConfig.Binds ?? []).filter((one) => one.startsWith(source))];
}

interface NodeObject {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: { taints?: { key: string; value?: string; effect: string }[] };
}

async function nodeObject(): Promise<NodeObject> {
  return fromJson<NodeObject>(await kubectl('get', 'node', worker, '--output', 'json'));
}
