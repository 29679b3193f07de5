import { get } from 'node:https';
import { PatchStrategy } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { createKubernetes } from '../../activities/kubernetes/kubernetes.ts';
import { readAt } from '../../activities/kubernetes/objects.ts';
import { createServerPool } from '../../activities/kubernetes/servers.ts';
import type { NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import type { Json } from '../../cluster/declaration/service-options.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { OwnedAttributes } from '../../cluster/observation.ts';
import { builtInObjects } from '../../cluster/resources/built-in/built-in-objects.ts';
import { etcdEndpointSlice } from '../../cluster/resources/built-in/etcd-service.ts';
import { objectKey, type KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { declaration, issueAdmin, startApiServer, type TestApiServer } from '../fixtures/api-server.ts';
import { startTestEtcd, type TestEtcd } from '../fixtures/etcd-cluster.ts';

const kubernetes = createKubernetes();
const nobodys: OwnedAttributes = { labels: [], annotations: [], taints: [] };
const nothingThere = '127.9.9.9';
let etcd: TestEtcd;
let first: TestApiServer;
let second: TestApiServer;
let credentials: ClientCredentials;

beforeAll(async () => {
  etcd = await startTestEtcd(1);
  credentials = await issueAdmin(etcd);
  first = await startApiServer(etcd);
  second = await startApiServer(etcd);
});
afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await etcd?.down();
});

const servers = (addresses = [first.address, second.address]) => ({ cluster: 'demo', addresses, credentials });

async function observed() {
  const seen = await kubernetes.observe({ declaration, addresses: servers().addresses, credentials });
  if (seen.state !== 'observed') throw new Error(seen.because);
  return seen;
}

async function complaintOf(call: Promise<unknown>): Promise<CkeError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CkeError) return error;
  throw new Error(`no complaint, but ${String(error)}`);
}

describe('is an API server ready?', () => {
  test('one that serves', async () => {
    expect(await kubernetes.probe({ ...servers(), address: first.address })).toEqual({ state: 'healthy' });
  });

  test('a closed port says no', async () => {
    const health = await kubernetes.probe({ ...servers(), address: nothingThere });
    expect(health).toEqual({ state: 'unhealthy', because: 'nothing listens on port 6443 yet' });
  });

  test('silence is no answer', async () => {
    second.signal('SIGSTOP');
    const health = await kubernetes.probe({ ...servers(), address: second.address });
    second.signal('SIGCONT');
    expect(health).toEqual({ state: 'unknown', because: 'port 6443: no answer in time' });
  });

  test.each([
    ['/readyz?exclude=kms-providers', 200],
    ['/livez', 200],
    ['/version', 401],
    ['/api/v1/nodes', 401],
  ])('who has no certificate asks %s and gets %i', async (path, status) => {
    const answer = await new Promise((resolve, reject) => {
      const options = { ca: credentials.ca, agent: false };
      get(`https://${first.address}:6443${path}`, options, (response) => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      );
    });
    expect(answer).toBe(status);
  });
});

describe('built-in objects', () => {
  const wanted = builtInObjects({ declaration, upstreams: declaration.dns_servers });

  test('missing, and applied', async () => {
    expect((await observed()).outdatedObjects).toEqual(
      wanted.map((object) => ({ key: objectKey(object), because: 'it is missing' })),
    );
    for (const object of wanted) await kubernetes.apply({ ...servers(), object });
    expect((await observed()).outdatedObjects).toEqual([]);
  });

  test('applied with fewer entries, in an older release', async () => {
    const [role] = wanted;
    if (role === undefined) throw new Error('no role');
    const rules = [{ apiGroups: [''], resources: ['nodes/log'], verbs: ['get'] }];
    await kubernetes.apply({ ...servers(), object: { ...role, rules } });
    const [outdated] = (await observed()).outdatedObjects;
    expect(outdated?.because).toBe('rules[0].resources has 1 entries instead of 8');
    await kubernetes.apply({ ...servers(), object: role });
    expect((await observed()).outdatedObjects).toEqual([]);
  });

  test('a field of ours that somebody edits is seen, with the name of who did it; theirs are left alone', async () => {
    const deployment = wanted.find(({ kind }) => kind === 'Deployment');
    if (deployment === undefined) throw new Error('no Deployment');
    const edit = (labels: Record<string, string>, spec: Json) =>
      createServerPool().call(servers(), 'an edit by hand', ({ objects }) => {
        const { apiVersion, kind, metadata } = deployment;
        const edited = { apiVersion, kind, metadata: { ...metadata, labels }, spec };
        return objects.patch(edited, undefined, undefined, 'editor', undefined, PatchStrategy.StrategicMergePatch);
      });
    const theirs = { template: { spec: { containers: [{ name: 'theirs', image: 'theirs:1' }] } } };
    await edit({ theirs: 'yes' }, theirs);
    expect((await observed()).outdatedObjects).toEqual([]);
    await edit({}, { replicas: 5 });
    expect((await observed()).outdatedObjects).toEqual([
      { key: objectKey(deployment), because: 'spec.replicas is 5 instead of 1 (set by editor)' },
    ]);
    await kubernetes.apply({ ...servers(), object: deployment });
    expect((await observed()).outdatedObjects).toEqual([]);
    const live = await createServerPool().read(servers(), 'a look', (server) => readAt(server, deployment));
    expect(live).toMatchObject({ metadata: { labels: { theirs: 'yes' } }, spec: { replicas: 1 } });
  });

  test('an object that the API refuses', async () => {
    const object: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'NotAName', namespace: 'default' },
    };
    const { complaint } = await complaintOf(kubernetes.apply({ ...servers(), object }));
    expect(complaint).toMatchObject({ code: 'KubernetesRefused', remedy: 'never' });
    expect(complaint.got).toContain('NotAName');
  });
});

describe('endpoints of the API', () => {
  test('are what was set', async () => {
    await kubernetes.setApiEndpoints({ ...servers(), ready: ['10.0.0.12', '10.0.0.11'], notReady: ['10.0.0.13'] });
    expect((await observed()).apiEndpoints).toEqual({ ready: ['10.0.0.11', '10.0.0.12'], notReady: ['10.0.0.13'] });
    const draining = { ready: ['10.0.0.11'], notReady: ['10.0.0.12'], draining: ['10.0.0.12'] };
    await kubernetes.setApiEndpoints({ ...servers(), ...draining });
    expect((await observed()).apiEndpoints).toEqual(draining);
    await kubernetes.setApiEndpoints({ ...servers(), ready: ['10.0.0.11'], notReady: [] });
    expect((await observed()).apiEndpoints).toEqual({ ready: ['10.0.0.11'], notReady: [] });
  });

  test('one that stands in the slice only is not ready', async () => {
    await createServerPool().call(servers(), 'a change by hand', ({ objects }) =>
      objects.patch(
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'kubernetes', namespace: 'default' },
          endpoints: [{ addresses: ['10.0.0.11'] }, { addresses: ['10.0.0.99'] }],
        },
        undefined,
        undefined,
        'somebody',
      ),
    );
    expect((await observed()).apiEndpoints).toEqual({ ready: ['10.0.0.11'], notReady: ['10.0.0.99'] });
  });
});

describe('endpoints of etcd', () => {
  test('there are none at first, and then what was set; an edit by hand is seen', async () => {
    expect((await observed()).etcdEndpoints).toEqual({ ready: [], notReady: [] });
    const wanted = { ready: ['10.0.0.11', '10.0.0.12'], notReady: ['10.0.0.13'] };
    await kubernetes.setEtcdEndpoints({ ...servers(), ...wanted });
    expect((await observed()).etcdEndpoints).toEqual(wanted);
    await createServerPool().call(servers(), 'a deletion by hand', ({ objects }) =>
      objects.delete(etcdEndpointSlice(wanted)),
    );
    expect((await observed()).etcdEndpoints).toEqual({ ready: [], notReady: [] });
  });
});

const live = async () => (await observed()).nodes.find(({ name }) => name === 'worker-9');

function node(fields: Partial<NodeDeclaration>): NodeDeclaration {
  const [cp] = declaration.nodes;
  if (cp === undefined) throw new Error('no node');
  return { ...cp, name: 'worker-9', control_plane: false, ...fields };
}

describe('attributes of a node', () => {
  beforeAll(() =>
    createServerPool().call(servers(), 'registering a node', ({ core }) =>
      core.createNode({
        body: {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'worker-9', labels: { theirs: 'yes' } },
          spec: { taints: [{ key: 'theirs', effect: 'NoExecute' }] },
        },
      }),
    ),
  );

  test('ours come and go, others’ stay, and the claim is made before the change', async () => {
    const wanted = node({
      labels: { ours: '1' },
      annotations: { note: 'x' },
      taints: [{ key: 'gpu', value: '', effect: 'NoSchedule' }],
    });
    let labelsAtClaim: Record<string, string> | undefined;
    const claim = async () => {
      labelsAtClaim = (await live())?.labels;
    };
    const owned = await kubernetes.updateNodeAttributes({
      ...servers(),
      declaration,
      node: wanted,
      owned: nobodys,
      claim,
    });
    expect(labelsAtClaim).not.toHaveProperty('ours');
    expect(owned).toEqual({ labels: ['ours'], annotations: ['note'], taints: ['gpu:NoSchedule'] });
    expect(await live()).toMatchObject({ labels: { ours: '1', theirs: 'yes' }, annotations: { note: 'x' } });
    expect((await live())?.taints.map(({ key }) => key)).toEqual(expect.arrayContaining(['theirs', 'gpu']));
    const none = await kubernetes.updateNodeAttributes({ ...servers(), declaration, node: node({}), owned, claim });
    expect(none).toEqual(nobodys);
    expect((await live())?.labels).not.toHaveProperty('ours');
    expect((await live())?.taints.map(({ key }) => key)).toContain('theirs');
    expect((await live())?.taints.map(({ key }) => key)).not.toContain('gpu');
  });

  test('somebody who writes in between loses nothing', async () => {
    let writes = 0;
    const pool = createServerPool();
    const claim = async () => {
      if (writes++ > 2) return;
      await pool.call(servers(), 'a change by hand', ({ objects }) =>
        objects.patch({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'worker-9', labels: { [`hand-${writes}`]: '1' } },
        }),
      );
    };
    await kubernetes.updateNodeAttributes({
      ...servers(),
      declaration,
      node: node({ labels: { ours: '2' } }),
      owned: nobodys,
      claim,
    });
    expect(writes).toBe(4);
    expect((await live())?.labels).toMatchObject({
      ours: '2',
      'hand-1': '1',
      'hand-2': '1',
      'hand-3': '1',
      theirs: 'yes',
    });
  });

  test('a node that is not registered', async () => {
    const absent = node({ name: 'worker-10', labels: { a: '1' } });
    const call = kubernetes.updateNodeAttributes({
      ...servers(),
      declaration,
      node: absent,
      owned: nobodys,
      claim: async () => {},
    });
    expect((await complaintOf(call)).complaint).toMatchObject({ code: 'KubernetesRefused', remedy: 'retry' });
  });
});

describe('which API server is asked', () => {
  test('the next one, when one does not answer', async () => {
    const addresses = [nothingThere, second.address];
    expect((await kubernetes.observe({ declaration, addresses, credentials })).state).toBe('observed');
  });

  test('none that shows a certificate of another CA', async () => {
    const { credentials: foreign } = await foreignCredentials();
    const seen = await kubernetes.observe({
      declaration: { ...declaration, name: 'other' },
      addresses: [first.address],
      credentials: { ...credentials, ca: foreign.ca },
    });
    expect(seen.state === 'unobservable' && seen.because).toMatch(/certificate/i);
  });

  test('without any, the complaint says so and shows no secret', async () => {
    const [object] = builtInObjects({ declaration, upstreams: [] });
    if (object === undefined) throw new Error('no object');
    const error = await complaintOf(kubernetes.apply({ ...servers([nothingThere]), object }));
    expect(error.complaint).toMatchObject({ code: 'KubernetesUnavailable', remedy: 'retry' });
    expect(JSON.stringify(error.complaint)).not.toContain('PRIVATE KEY');
  });
});

async function foreignCredentials() {
  const other = await startTestEtcd(1);
  try {
    return { credentials: other.credentials };
  } finally {
    await other.down();
  }
}
