import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, describe, expect, test } from 'vitest';
import type { DestructionActivities } from '../../activities/contracts/campaigns.ts';
import type { StepActivities } from '../../activities/contracts/steps.ts';
import { containerActivities } from '../../activities/steps/containers.ts';
import { certificateActivities } from '../../activities/steps/certificates.ts';
import { departureActivities } from '../../activities/steps/departure.ts';
import { destructionActivities } from '../../activities/steps/destruction.ts';
import { etcdActivities } from '../../activities/steps/etcd.ts';
import { membershipActivities } from '../../activities/steps/membership/activities.ts';
import { kubernetesActivities } from '../../activities/steps/kubernetes.ts';
import { resourceActivities } from '../../activities/steps/resources.ts';
import { nodeFileActivities } from '../../activities/steps/node-files.ts';
import { componentSpec } from '../../cluster/components/component-spec.ts';
import type { Component } from '../../cluster/components/component.ts';
import { nodeNamed } from '../../cluster/declaration/nodes.ts';
import { converged, declare } from '../../cluster/decide/testing/fleet.ts';
import { CkeError } from '../../cluster/errors.ts';
import { builtInObjects } from '../../cluster/resources/built-in/built-in-objects.ts';
import { objectKey } from '../../cluster/resources/kubernetes-object.ts';
import type { EtcdRecord, EtcdRestore, Membership } from '../../cluster/observation.ts';

const cni = `  kubelet:
    cni_conf_file: {name: 10-a.conf, content: '{"cniVersion": "1.0.0", "name": "a", "type": "ptp"}'}`;
const facts = converged(declare({ options: cni }));
const { declaration, observation } = facts;
const mandate = { cluster: 'test', revision: 1, epoch: 7, node: 'cp-1' };

/** What an activity finds: everything stands as declared, but for what is said here. */
interface World {
  memberships?: Record<string, Membership>;
  restore?: EtcdRestore;
  etcd?: 'never' | 'started';
  standing?: 'nothing';
  order?: 'given up';
}

interface Case {
  input?: object;
  world?: World;
}

/** `no effect`: it only looks, waits, or writes on the worker's own machine. `epoch`: it takes the epoch, or its one write carries it. */
type Kind = Case | 'no effect' | 'epoch';

/** One that is defined, and was never applied. */
const resource = '-/ConfigMap/default/a';

const settled: Membership = { directory: 'm-1', memberId: '1000', state: 'settled' };
const first: Membership = { directory: 'm-1', state: 'first-start' };
const removed: Membership = { ...settled, state: 'removed' };
const withMembership = (membership: Membership): World => ({ memberships: { 'cp-1': membership } });

/** A snapshot of nothing, with the hash at its end. */
const body = Buffer.alloc(512);
const file = Buffer.concat([body, createHash('sha256').update(body).digest()]);
const snapshot = join(mkdtempSync(join(tmpdir(), 'cke-snapshot-')), 'a.db');
writeFileSync(snapshot, file);
afterAll(() => rmSync(dirname(snapshot), { recursive: true }));
const restoring: World = {
  ...withMembership(first),
  etcd: 'started',
  restore: { place: snapshot, digest: createHash('sha256').update(file).digest('hex'), by: 'a', at: '', before: {} },
};

const builtIn = builtInObjects({ declaration, upstreams: [] });

/** Every activity that an operation or a destruction calls: a new one has to say here what it is. */
const activities: Record<keyof (StepActivities & DestructionActivities), Kind> = {
  checkNode: { world: { standing: 'nothing' } },
  pullImages: {},
  createFileContainer: {},
  installFiles: { input: { component: 'kubelet' } },
  replaceContainer: { input: { component: 'kubelet' } },
  startContainer: { input: { component: 'kubelet', containerId: 'kubelet-id' } },
  stopContainer: { input: { component: 'kubelet', containerId: 'kubelet-id' } },
  enrolNode: {},
  awaitHealthy: 'no effect',
  awaitCertificates: { input: { component: 'kubelet', containerId: 'kubelet-id' } },
  installCniConfiguration: {},
  recordBootstrap: { world: { etcd: 'never' } },
  createDataDirectory: { world: withMembership(first) },
  stopForRestore: { world: restoring },
  restoreDirectory: { world: { ...restoring, standing: 'nothing' } },
  concludeBootstrap: { world: { etcd: 'started' } },
  moveLeaderAway: {},
  restartMember: {},
  startMember: { input: { containerId: 'etcd-id' } },
  awaitMemberSynced: 'no effect',
  enableEtcdAuthentication: {},
  takeEtcdSnapshot: 'no effect',
  recordMembership: { world: { memberships: {} } },
  addLearner: { world: withMembership(first) },
  startLearner: { world: withMembership({ ...first, memberId: '1000' }) },
  recordSettled: { world: withMembership({ ...first, memberId: '1000' }) },
  promoteLearner: { input: { memberId: '1000' } },
  removeMember: { input: { memberId: '1000', manner: 'learner' } },
  recordRemoval: { world: withMembership({ ...settled, memberId: '99' }) },
  stopRemovedMember: { world: withMembership({ ...removed, memberId: '99' }) },
  trashDirectory: {
    input: { node: 'gone-1' },
    world: { memberships: { 'gone-1': { ...removed, memberId: '99' } }, standing: 'nothing' },
  },
  dropMembership: { world: withMembership(removed) },
  evictPods: { input: { before: 'upgrade' } },
  removeContainer: { input: { component: 'kubelet' } },
  deleteNodeObject: {},
  removeFiles: { world: { memberships: {} } },
  removeFileContainer: {},
  forgetNode: { world: { memberships: {} } },
  uncordonNode: {},
  applyObjects: { input: { keys: builtIn.map(objectKey) } },
  applyResources: { input: { keys: [resource] } },
  deleteResources: { input: { keys: [resource] } },
  updateApiEndpoints: { input: { ready: [], notReady: [] } },
  updateEtcdEndpoints: { input: { ready: [], notReady: [] } },
  updateNodeAttributes: {},
  beginDestruction: 'epoch',
  stopCondemnedMember: { world: { order: 'given up' } },
  giveUpData: {
    input: { data: 'purge' },
    world: { ...withMembership(settled), standing: 'nothing', order: 'given up' },
  },
  confirmClean: 'no effect',
  concludeDestruction: 'epoch',
};

describe('when a newer operation has begun, an older one does nothing more', () => {
  const cases = Object.entries(activities).flatMap(([name, kind]) =>
    typeof kind === 'string' ? [] : [{ name, kind }],
  );

  test.each(cases)(
    '$name: it asks the fence before its first effect',
    async ({ name, kind: { input, world = {} } }) => {
      const happened: string[] = [];
      const all = stepsIn(world, happened) as Record<string, (input: object) => Promise<unknown>>;
      const called = new MockActivityEnvironment().run(all[name] ?? missing, { ...mandate, ...input });
      await expect(called).rejects.toThrow('a newer one has begun');
      expect(happened).toEqual([]);
    },
  );
});

const missing = () => Promise.reject(new Error('there is no such activity'));

/** A port of which these calls only look; any other is an effect, and is noted. */
function port<T extends object>(happened: string[], reads: T): T {
  return new Proxy(reads, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      ((): Promise<undefined> => {
        happened.push(String(name));
        return Promise.resolve(undefined);
      }),
  });
}

function recordOf({ etcd, memberships, restore }: World): EtcdRecord {
  if (etcd === 'never') return { state: 'never' };
  const known = memberships ?? { 'cp-1': settled, 'cp-2': settled, 'cp-3': settled };
  return { state: etcd ?? 'done', token: 't', memberships: known, ...(restore && { restore }) };
}

/** The real activities over such ports; the fence says no. */
function stepsIn(world: World, happened: string[]) {
  const record = recordOf(world);
  const drains = { 'cp-1': { before: 'schedulable', since: '', at: '', refused: [] } };
  const records = { ...observation.records, etcd: record, drains };
  const { docker, files } = machine(world, happened);
  const place = (name: string) => {
    const node = nodeNamed(declaration, name) ?? { ...nodeNamed(declaration, 'cp-1'), name };
    const wanted = async (component: Component) =>
      componentSpec({
        declaration,
        node: node as never,
        component,
        membership: { start: 'settled', directory: 'm-1' },
      });
    const pull = async () => void happened.push('pull');
    return { declaration, node, docker, files, pull, wanted, preflight: async () => [] };
  };
  const at = async ({ node }: { node: string }) => place(node);
  const order = { by: 'a', at: '', data: 'purge', revision: 1, epoch: world.order === undefined ? 0 : mandate.epoch };
  const ports = {
    places: { at, departed: at, anywhere: at, ofMember: at },
    fence: {
      mayAct: () => Promise.reject(new CkeError({ code: 'Fenced', message: 'a newer one has begun', remedy: 'never' })),
    },
    declarations: { get: async () => ({ declaration, revision: 1 }) },
    credentials: { etcd: async () => ({}), kubernetes: async () => ({}) },
    store: {
      records: port(happened, { all: async () => records, getEtcdRecord: async () => ({ record, version: '1' }) }),
      rotations: port(happened, { list: async () => [] }),
      destructions: port(happened, { get: async () => order }),
      history: port(happened, {}),
      resources: port(happened, {
        definitions: async () => new Map([[resource, { resource: { object: { apiVersion: 'v1' } }, revision: '1' }]]),
        revisions: async () => new Map(),
        applied: async () => new Map(),
      }),
    },
    etcd: port(happened, { observe: async () => observation.etcd }),
    kubernetes: port(happened, { schedulability: async () => 'schedulable', builtInObjects: async () => builtIn }),
    vault: port(happened, {}),
    recordEncryption: async () => void happened.push('recordEncryption'),
    snapshotBeforeChange: async () => undefined,
    pause: async () => undefined,
  } as never;
  return {
    ...nodeFileActivities(ports),
    ...containerActivities(ports),
    ...certificateActivities(ports),
    ...etcdActivities(ports),
    ...membershipActivities(ports),
    ...departureActivities(ports),
    ...destructionActivities(ports),
    ...kubernetesActivities(ports),
    ...resourceActivities(ports),
  };
}

function machine({ standing, restore }: World, happened: string[]) {
  const labels = { 'cke.cluster': 'test', 'cke.epoch': '1' };
  const spec = { 'cke.spec': '--initial-cluster=settled=https://127.0.0.1:2380' };
  const labelsOf = (name: string) => (name.startsWith('etcd') ? { ...labels, ...spec } : labels);
  const found = (name: string) => ({
    id: `${name.replace(/-id$/, '')}-id`,
    name,
    state: 'running',
    labels: labelsOf(name),
  });
  const docker = port(happened, {
    list: async () => [],
    inspect: async (name: string) => (standing === 'nothing' ? undefined : found(name)),
    hasImage: async (image: string) => image === declaration.images.rivers,
  });
  const files = port(happened, {
    readManifest: async () => undefined,
    directoryState: async () => (restore === undefined ? 'intact' : 'absent'),
    damage: async () => [],
  });
  return { docker, files };
}
