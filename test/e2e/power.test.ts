import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { standingCluster, untilReady } from './standing.ts';
import { fromJson } from './json.ts';
import { figure, kubectl, lab, reconcile, seconds, status, until } from './story.ts';

/** A control plane that is off and a client on another node; the client retries through its own node's rivers. */
const off = 'cp-2';
const others = ['cp-1', 'cp-3'];
const clientOn = 'worker-1';

/** Generous for a busy machine; the goal is 5 s. */
const longestOutageSeconds = 20;

describe('a control plane loses its power', () => {
  beforeAll(standingCluster);

  test('clients that retry through rivers elsewhere hardly notice, and status says which node is gone', async () => {
    const client = retryingClient(clientOn);
    await until('an answer through rivers', () => client.answers() > 3 || undefined, { seconds: 20 });
    await lab.node(off).powerOff();
    expect(await lab.node(off).state()).toBe('off');
    await saysUnreachable();
    await untilEtcdService({ ready: others, notReady: [off] });
    await sleep(10_000);
    const { longest, answers } = client.stop();
    figure('longest failure of a client that retries through rivers', `${seconds(longest)}, ${answers} answers`);
    expect(longest).toBeLessThan(longestOutageSeconds * 1000);
  });

  test('powered on again it is healthy without a hand', async () => {
    const begun = performance.now();
    await lab.node(off).powerOn();
    await untilReady(off, 'True');
    await until(
      'a status without obstacles',
      async () => {
        const { status: entity, view } = await status();
        const node = view?.nodes.find(({ name }) => name === off);
        const well = node?.components.every(({ state, health }) => state === 'running' && health === 'healthy');
        return (entity?.lastReport?.outcome === 'converged' && well) || undefined;
      },
      { seconds: 180, everyMilliseconds: 2000 },
    );
    await untilEtcdService({ ready: [off, ...others], notReady: [] });
    figure('power on to healthy, without a hand', seconds(performance.now() - begun));
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
  });
});

/** The Service by which applications find the cluster's etcd follows its members. */
async function untilEtcdService(wanted: { ready: string[]; notReady: string[] }): Promise<void> {
  const addresses = (nodes: string[]) => nodes.map((name) => lab.node(name).address).sort();
  const [ready, notReady] = [addresses(wanted.ready), addresses(wanted.notReady)];
  await until(
    `cke-etcd with ${wanted.ready.join(', ')}`,
    async () => {
      const slice = fromJson<EndpointSlice>(
        await kubectl('get', 'endpointslice', '--namespace=kube-system', 'cke-etcd', '--output=json'),
      );
      const that = (is: boolean) =>
        slice.endpoints.filter(({ conditions }) => conditions.ready === is).flatMap((one) => one.addresses);
      return JSON.stringify([that(true).sort(), that(false).sort()]) === JSON.stringify([ready, notReady]) || undefined;
    },
    { seconds: 60, everyMilliseconds: 1000 },
  );
}

interface EndpointSlice {
  endpoints: { addresses: string[]; conditions: { ready: boolean } }[];
}

/** The report names the node, and is not `converged`, asked for or by event. */
async function saysUnreachable(): Promise<void> {
  await until(
    'a status that names the unreachable node',
    async () => {
      const { status: entity, view } = await status();
      const report = entity?.lastReport;
      const seen = view?.nodes.find(({ name }) => name === off);
      const named = report?.blockers.some(({ node, because }) => node === off && because.includes(off));
      return (named && report?.outcome !== 'converged' && seen?.reachable !== 'yes') || undefined;
    },
    { seconds: 90, everyMilliseconds: 1000 },
  );
  const report = await reconcile();
  expect(report.outcome).not.toBe('converged');
  expect(report.blockers.map(({ node }) => node)).toContain(off);
}

/** Asks through rivers on a node, ten times a second, from inside that node's network. */
function retryingClient(nodeName: string) {
  const program = join(import.meta.dirname, 'retrying-client.ts');
  // The kubelet's own way to the API: rivers on the loopback address.
  const url = 'https://127.0.0.1:16443/readyz';
  const pid = String(lab.node(nodeName).pid());
  const child = spawn('nsenter', ['--target', pid, '--net', '--', execPath, program, url]);
  const times: number[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => times.push(...text.trim().split('\n').map(Number)));
  return {
    answers: () => times.length,
    stop: () => {
      child.kill('SIGKILL');
      const gaps = [...times, Date.now()].map((time, index) => time - (times[index - 1] ?? time));
      return { longest: Math.max(...gaps), answers: times.length };
    },
  };
}
