import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declaredNames, writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { outsideAddress } from './outside-server.ts';
import { standingCluster } from './standing.ts';
import { apply, cluster, doneSince, figure, kubectl, lab, reconcile, run, seconds, status, until } from './story.ts';
import { startUpstream } from './upstream-dns.ts';

interface Pod {
  metadata: { name: string; uid: string };
  spec: { nodeName: string };
  status: { podIP: string; containerStatuses: { restartCount: number }[] };
}

const workload = join(import.meta.dirname, 'dns-workload.yaml');
const inCluster = (name: string) => `${name}.default.svc.cluster.local`;
const externalAddress = '192.0.2.7';
/** The kubelet looks at the ConfigMaps of a pod once in a minute or so. */
const untilMounted = { seconds: 300, everyMilliseconds: 2000 };

async function pods(selector: string, namespace = 'default'): Promise<Pod[]> {
  const running = '--field-selector=status.phase=Running';
  const text = await kubectl('get', 'pods', '-n', namespace, '-l', selector, running, '--output', 'json');
  return fromJson<{ items: Pod[] }>(text).items;
}

const everywhere = () => pods('app=everywhere');
const within = ({ metadata }: Pod, ...argv: string[]) =>
  kubectl('exec', metadata.name, '--container', 'ask', '--', ...argv);

/** The IPv4 addresses of a name as a pod learns them, and whom it asked; undefined when it learns none. */
async function lookUp(pod: Pod, name: string): Promise<{ server: string; addresses: string[] } | undefined> {
  const asking = `kubectl exec ${pod.metadata.name} --container ask -- nslookup -type=a ${name}`;
  const { code, stdout } = await lab.run('sh', ['-c', asking]);
  if (code !== 0) return undefined;
  const found = [...stdout.matchAll(/^Address:\s+(\S+)$/gm)].map(([, address = '']) => address);
  const [server = '', ...addresses] = found;
  return { server: server.replace(/:53$/, ''), addresses: addresses.sort() };
}

/** The same, by a pod that has a moment: what has just been started is not known everywhere at once. */
const learn = (pod: Pod, name: string) =>
  until(`${name} in ${pod.metadata.name}`, () => lookUp(pod, name), { seconds: 120, everyMilliseconds: 1000 });

const somePod = async (): Promise<Pod> => {
  const [pod] = await everywhere();
  if (pod === undefined) throw new Error('no pod');
  return pod;
};

beforeAll(async () => {
  await standingCluster();
  await kubectl('apply', '-f', workload);
  await kubectl('rollout', 'status', 'daemonset/everywhere', '--timeout=240s');
  for (const workloadName of ['daemonset/node-dns', 'deployment/cluster-dns'])
    await kubectl('rollout', 'status', '--namespace', 'kube-system', workloadName, '--timeout=240s');
});
afterAll(async () => {
  await lab.run('cke-client', ['resume', '--cluster', cluster]);
  await kubectl('delete', '-f', workload, '--ignore-not-found');
  await standingCluster();
});

describe('names and ways inside of a cluster', () => {
  test('a pod on each node asks the cache of its own node, and learns names of Services', async () => {
    const all = await everywhere();
    expect(all.map(({ spec }) => spec.nodeName).sort()).toEqual([...declaredNames].sort());
    for (const pod of all) {
      const server = lab.node(pod.spec.nodeName).address;
      expect(await learn(pod, inCluster('kubernetes'))).toEqual({ server, addresses: ['10.96.0.1'] });
    }
  });

  test('a headless Service is all of its pods', async () => {
    const addresses = (await everywhere()).map(({ status: { podIP } }) => podIP).sort();
    const pod = await somePod();
    await until(
      'all pods behind the headless Service',
      async () => {
        const found = await lookUp(pod, inCluster('everywhere-headless'));
        return found?.addresses.join() === addresses.join() || undefined;
      },
      { seconds: 120, everyMilliseconds: 1000 },
    );
  });

  test('pods of all nodes reach each other, and the Service by its name and on the port of every node', async () => {
    const all = await everywhere();
    const urls = [
      ...all.map(({ status: { podIP } }) => `http://${podIP}:8080/`),
      `http://${inCluster('everywhere')}/`,
      ...declaredNames.map((name) => `http://${lab.node(name).address}:30080/`),
    ];
    const asking =
      'for url in "$@"; do timeout 10 wget -qO- "$url" || timeout 10 wget -qO- "$url" || echo "none: $url"; done';
    const possible = all.map(({ metadata }) => `${metadata.name} answers GET /`);
    for (const pod of all) {
      const answers = (await within(pod, 'sh', '-c', asking, 'ask', ...urls)).trim().split('\n');
      expect(answers).toHaveLength(urls.length);
      expect(answers.slice(0, all.length)).toEqual(possible);
      expect(answers.filter((answer) => !possible.includes(answer))).toEqual([]);
    }
  });

  test('status says how much of DNS serves', async () => {
    const whole = { cluster: { ready: 2, wanted: 2 }, nodes: { ready: 5, wanted: 5 } };
    await until(
      'DNS that serves',
      async () => JSON.stringify((await status()).view?.dns) === JSON.stringify(whole) || undefined,
      { seconds: 120, everyMilliseconds: 2000 },
    );
  });
});

describe('names outside of the cluster', () => {
  let stop: () => Promise<void> = async () => {};
  beforeAll(async () => {
    stop = await startUpstream(outsideAddress(), externalAddress);
  });
  afterAll(() => stop());

  test('other dns_servers are asked on every node, and no pod of DNS was restarted for it', async () => {
    const restarts = async () =>
      (await pods('cke.cybozu.com/appname=node-dns', 'kube-system'))
        .map(({ metadata: { uid }, status: { containerStatuses } }) =>
          [uid, ...containerStatuses.map(({ restartCount }) => restartCount)].join(' '),
        )
        .sort();
    await apply(writeDeclaration());
    // A name of its own for each run: the caches remember that of another one.
    const external = `www-${Date.now()}.example.org`;
    const before = await restarts();
    expect(await lookUp(await somePod(), external), 'nobody has told of an upstream').toBeUndefined();
    const file = writeDeclaration((document) => document.set('dns_servers', [outsideAddress()]));
    const changed = Date.now();
    expect(await apply(file)).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    expect(await doneSince(changed)).toEqual([
      'apply ConfigMap/kube-system/cluster-dns, ConfigMap/kube-system/node-dns',
    ]);
    const begun = performance.now();
    for (const pod of await everywhere()) {
      const found = await until(`${external} on ${pod.spec.nodeName}`, () => lookUp(pod, external), untilMounted);
      expect(found.addresses).toEqual([externalAddress]);
    }
    figure('other dns_servers on all nodes', `${seconds(performance.now() - begun)} after apply`);
    expect(await restarts()).toEqual(before);
  });
});

describe('the caches tell Prometheus of themselves', () => {
  const rolledOut = () => kubectl('rollout', 'status', '-n', 'kube-system', 'daemonset/node-dns', '--timeout=240s');

  test('each on its node, from when it is declared; while they are replaced two exporters of a node share the port', async () => {
    const file = writeDeclaration((document) => document.set('dns_exporter', true));
    expect(await apply(file)).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    await rolledOut();
    await kubectl('rollout', 'restart', '-n', 'kube-system', 'daemonset/node-dns');
    await rolledOut();
    for (const name of declaredNames) {
      const { address } = lab.node(name);
      const answer = await (await fetch(`http://${address}:9167/metrics`)).text();
      expect(answer, name).toMatch(/^unbound_up 1$/m);
      expect(answer, name).toMatch(/^unbound_\w*total_num_queries \d+$/m);
    }
  });
});

describe('CoreDNS is gone, and comes back', () => {
  const edited = ['--namespace', 'kube-system', 'deployment/cluster-dns'];

  test('names that were asked before are still known; reconcile puts back what was edited, and nothing else', async () => {
    const pod = await somePod();
    await learn(pod, inCluster('kubernetes'));
    await run('cke-client', 'pause', '--cluster', cluster, '--reason', 'a story without CoreDNS');
    await kubectl('scale', ...edited, '--replicas=0');
    await kubectl('label', ...edited, 'example.com/theirs=yes', '--overwrite');
    await kubectl(
      'wait',
      '--namespace',
      'kube-system',
      'pods',
      '-l',
      'k8s-app=coredns',
      '--for=delete',
      '--timeout=120s',
    );
    // Whatever was known for a while only, five seconds with CoreDNS, is out of date by now.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect((await learn(pod, inCluster('kubernetes'))).addresses).toEqual(['10.96.0.1']);
    const neverAsked = 'cluster-dns.kube-system.svc.cluster.local';
    expect(await lookUp(pod, neverAsked), 'CoreDNS is gone').toBeUndefined();

    await run('cke-client', 'resume', '--cluster', cluster);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', failed: [], blockers: [] });
    await kubectl('rollout', 'status', ...edited, '--timeout=240s');
    const live = fromJson<{ metadata: { labels: Record<string, string> }; spec: { replicas: number } }>(
      await kubectl('get', ...edited, '--output', 'json'),
    );
    expect(live).toMatchObject({ metadata: { labels: { 'example.com/theirs': 'yes' } }, spec: { replicas: 2 } });
    expect((await learn(pod, neverAsked)).addresses).toEqual(['10.96.0.10']);
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});
