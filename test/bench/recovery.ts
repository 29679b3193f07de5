import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { components, controlPlaneComponents, type Component } from '../../cluster/components/component.ts';
import type { LabNode } from '../../lab/lab-node.ts';
import { spread, type Figure } from './figures.ts';
import type { Site } from './site.ts';

/** How a container ends: the first two want the manager, the last one the engine's restart policy. */
const ways = ['docker kill', 'docker rm -f', 'kill -9'] as const;
type Way = (typeof ways)[number];

/** Three times each way on another node: more would look like a crash loop. */
const mostRounds = 3;

const patienceMilliseconds = 60_000;

const cke: Partial<Record<Component, string>> = {
  'kube-scheduler': '42 s (3.4 s at an interval of 3 s)',
  rivers: '36 s (2.5 s at an interval of 3 s)',
};

/** From the end of each component to its running again. */
export async function recovery(site: Site, rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const component of components.filter((one) => one !== 'vault-kms')) {
    const times = new Map<Way, number[]>(ways.map((way) => [way, []]));
    for (let round = 0; round < Math.min(rounds, mostRounds); round++)
      for (const way of ways) {
        await site.settled();
        times.get(way)?.push(await endAndWait(nodeFor(site, component, round), component, way));
      }
    const bar = cke[component];
    figures.push({
      what: `${component}: ${ways.join(', ')} → running, p50 / p95`,
      ours: ways.map((way) => spread(times.get(way) ?? [])).join(',  '),
      ...(bar !== undefined && { cke: bar }),
      ...(component === 'rivers' && { goal: '< 2 s' }),
    });
    site.progress.say(`${component}: ${figures.at(-1)?.ours}`);
  }
  return figures;
}

function nodeFor({ lab }: Site, component: Component, round: number): LabNode {
  const nodes = lab.nodes().filter(({ name }) => !controlPlaneComponents.includes(component) || name.startsWith('cp-'));
  const node = nodes[round % nodes.length];
  if (node === undefined) throw new Error(`no node runs ${component}`);
  return node;
}

async function endAndWait(node: LabNode, component: Component, way: Way): Promise<number> {
  const docker = new Docker({ socketPath: node.dockerSocket() });
  const container = docker.getContainer(component);
  const before = await container.inspect();
  const began = performance.now();
  if (way === 'docker kill') await container.kill();
  else if (way === 'docker rm -f') await container.remove({ force: true });
  else await node.exec(['kill', '-9', String(before.State.Pid)]);
  for (;;) {
    const now = await container.inspect().catch(() => undefined);
    const isNew = now?.State.StartedAt !== before.State.StartedAt;
    if (now?.State.Status === 'running' && isNew) return performance.now() - began;
    if (performance.now() - began > patienceMilliseconds) return Infinity;
    await sleep(20);
  }
}
