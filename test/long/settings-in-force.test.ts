import type { Document } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerOn } from '../e2e/containers.ts';
import { declaredNames, workerNames, writeDeclaration } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { outsideAddress, serveOutside } from '../e2e/outside-server.ts';
import type { OutsideServer } from '../e2e/outside-server.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, figure, kubectl, lab, seconds, until } from '../e2e/story.ts';

const controlPlanes = declaredNames.filter((name) => !workerNames.includes(name));
const [, chosen = ''] = workerNames;
const thing = 'example.com/shelf';
const auditLog = '/var/log/kubernetes/audit.log';
const patient = { seconds: 120, everyMilliseconds: 1000 };

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: RequestResponse
    verbs: [create, delete]
    resources: [{ group: '', resources: [configmaps] }]
  - level: None
`;

interface ExtenderArgs {
  Pod: { metadata: { name: string } };
  NodeNames?: string[];
}

/** Which pods the extender was asked about, and with which nodes. */
const asked: { pod: string; nodes: readonly string[] }[] = [];

/** Lets one node through, and says of every other why not. */
function filter(body: unknown) {
  const { Pod, NodeNames = [] } = body as ExtenderArgs;
  asked.push({ pod: Pod.metadata.name, nodes: NodeNames });
  const others = NodeNames.filter((name) => name !== chosen);
  const FailedNodes = Object.fromEntries(others.map((name) => [name, 'the extender says no']));
  return { NodeNames: NodeNames.filter((name) => name === chosen), FailedNodes };
}

const settings = (extender: OutsideServer) => (document: Document) => {
  const scheduler = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [
      { schedulerName: 'default-scheduler' },
      { schedulerName: 'second', plugins: { score: { disabled: [{ name: 'ImageLocality' }] } } },
    ],
    extenders: [
      {
        urlPrefix: `http://${outsideAddress()}:${extender.port}`,
        filterVerb: 'filter',
        nodeCacheCapable: true,
        managedResources: [{ name: thing, ignoredByScheduler: true }],
      },
    ],
  };
  document.setIn(['options', 'kube-scheduler'], document.createNode({ config: scheduler }));
  const audit = { audit_log_enabled: true, audit_log_policy: auditPolicy, audit_log_path: auditLog };
  const rotation = ['--audit-log-maxsize=1', '--audit-log-maxbackup=2'];
  document.setIn(['options', 'kube-api'], document.createNode({ ...audit, extra_args: rotation }));
  document.setIn(['options', 'kube-proxy', 'config', 'mode'], 'iptables');
};

/** A pod of the default namespace that does nothing. */
const idle = (name: string, spec: object, resources: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { story: 'settings' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'cke.lab/busybox:1', command: ['sleep', '1000000'], resources }],
    ...spec,
  },
});

async function placed(pod: { metadata: { name: string } }): Promise<string> {
  await lab.run('kubectl', ['delete', 'pod', pod.metadata.name, '--ignore-not-found']);
  const made = await lab.run('kubectl', ['apply', '-f', '-'], JSON.stringify(pod));
  if (made.code !== 0) throw new Error(made.stderr);
  const node = async () =>
    (await kubectl('get', 'pod', pod.metadata.name, '--output', 'jsonpath={.spec.nodeName}')) || undefined;
  return until(`a node for ${pod.metadata.name}`, node, patient);
}

const modeOn = (name: string) => lab.node(name).fetch('http://127.0.0.1:10249/proxyMode');

/** On a busy machine it has just been started, or is slow to say. */
const untilMode = (name: string, mode: string) =>
  until(`${mode} on ${name}`, async () => (await modeOn(name)) === mode || undefined, patient);

const apiVia = (name: string) => ['--server', `https://${lab.node(name).address}:6443`];

describe('settings of components, at work in the cluster', () => {
  let extender: OutsideServer | undefined;
  beforeAll(async () => {
    await standingCluster();
    extender = await serveOutside((_, body) => ({ status: 200, body: filter(body) }));
    const begun = performance.now();
    const report = await apply(writeDeclaration(settings(extender)));
    figure('audit log, extender and another mode of kube-proxy', seconds(performance.now() - begun));
    expect(report).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
  });
  afterAll(async () => {
    await kubectl('delete', 'pod', '-l', 'story=settings', '--ignore-not-found');
    await standingCluster();
    await extender?.stop();
    for (const name of controlPlanes) await lab.node(name).exec(['rm', '-rf', '/var/log/kubernetes']);
  });

  test('a scheduler extender decides where a pod goes, and is asked about no pod but its own', async () => {
    asked.length = 0;
    expect(await placed(idle('with-shelf', {}, { limits: { [thing]: '1' }, requests: { [thing]: '1' } }))).toBe(chosen);
    await placed(idle('without-shelf', {}));
    expect([...new Set(asked.map(({ pod }) => pod))]).toEqual(['with-shelf']);
    expect(asked[0]?.nodes.length).toBeGreaterThan(1);
  });

  test('a second profile schedules the pods that name it', async () => {
    await placed(idle('of-second', { schedulerName: 'second' }));
    const events = ['get', 'events', '--field-selector', 'involvedObject.name=of-second,reason=Scheduled'];
    const by = async () =>
      (await kubectl(...events, '--output', 'jsonpath={.items[0].reportingComponent}')) || undefined;
    expect(await until('the event', by, patient)).toBe('second');
  });

  test('the audit log of every control plane has what its policy asks for, and nothing else', async () => {
    for (const name of controlPlanes) {
      const map = `audited-by-${name}`;
      await kubectl(...apiVia(name), 'create', 'configmap', map, '--from-literal=colour=red');
      await kubectl(...apiVia(name), 'delete', 'configmap', map);
      const lines = (await lab.node(name).exec(['cat', auditLog]))
        .trim()
        .split('\n')
        .map((line) => fromJson<AuditEvent>(line));
      const ours = lines.filter(({ objectRef }) => objectRef?.name === map);
      expect(ours.map(({ verb }) => verb)).toEqual(['create', 'delete']);
      expect(ours[0]).toMatchObject({ level: 'RequestResponse', requestObject: { data: { colour: 'red' } } });
      expect([...new Set(lines.map(({ objectRef }) => objectRef?.resource))]).toEqual(['configmaps']);
      const access = await lab.node(name).exec(['stat', '-c', '%a %U', auditLog]);
      expect(access.trim()).toBe('600 root');
    }
  });

  test('the audit log is rotated, and only as many old ones are kept as are wanted', async () => {
    const [name = ''] = controlPlanes;
    const big = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'big-', labels: { story: 'settings' } },
    };
    const text = JSON.stringify({ ...big, data: { big: 'x'.repeat(200_000) } });
    for (let times = 0; times < 10; times += 1) {
      const { code, stderr } = await lab.run('kubectl', [...apiVia(name), 'create', '-f', '-'], text);
      expect(code, stderr).toBe(0);
    }
    await kubectl(...apiVia(name), 'delete', 'configmap', '-l', 'story=settings');
    const old = async () => {
      const listed = (await lab.node(name).exec(['ls', '/var/log/kubernetes'])).trim().split('\n');
      return listed.filter((file) => file !== 'audit.log').length === 2 || undefined;
    };
    await until('two old audit logs', old, patient);
  });

  test('kube-proxy works in the mode that is declared, on every node', async () => {
    for (const name of declaredNames) {
      await untilMode(name, 'iptables');
      expect(await lab.node(name).exec(['nft', 'list', 'tables'])).not.toContain('ip kube-proxy');
    }
  });

  test('without kube-proxy no node has its container; with it again the declared mode is in force', async () => {
    const without = writeDeclaration((document) => {
      if (extender !== undefined) settings(extender)(document);
      document.setIn(['options', 'kube-proxy', 'disable'], true);
    });
    expect(await apply(without)).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    for (const name of declaredNames) {
      expect(await containerOn(lab.node(name), 'kube-proxy')).toBeUndefined();
      expect(await modeOn(name)).toBeUndefined();
    }
    await apply(writeDeclaration());
    for (const name of declaredNames) {
      await untilMode(name, 'nftables');
      expect(await lab.node(name).exec(['nft', 'list', 'tables'])).toContain('ip kube-proxy');
    }
  });
});

interface AuditEvent {
  level: string;
  verb: string;
  objectRef?: { resource: string; name?: string };
  requestObject?: { data?: Record<string, string> };
}
