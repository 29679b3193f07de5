import { setTimeout as sleep } from 'node:timers/promises';
import type { Document } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Component } from '../../cluster/components/component.ts';
import { allContainers, containerIds, replaced } from './containers.ts';
import type { Container } from './containers.ts';
import { writeDeclaration } from './declaration.ts';
import { standingCluster } from './standing.ts';
import { apply, cke, cluster, figure, seconds, status, until } from './story.ts';

const flag = '--no-such-flag';

/** The name in the declaration, the component, and what it says about a flag that it does not know. */
const refusals: [string, Component][] = [
  ['kube-scheduler', 'kube-scheduler'],
  ['kubelet', 'kubelet'],
];

describe.each(refusals)('%s is given an argument that it refuses', (option, component) => {
  const before = { ids: {} as Record<string, string> };
  beforeAll(standingCluster);

  test('it is tried on one node and seen to crash; all others keep what they run', async () => {
    before.ids = await containerIds();
    const begun = performance.now();
    const report = await apply(writeDeclaration((document) => giveFlag(document, option)));
    figure(`refused argument of ${component}: apply to its report`, seconds(performance.now() - begun));
    expect(report.outcome).toMatch(/^(failed|blocked)$/);
    const [tried, ...more] = await withFlag(component);
    expect(more, 'tried on more than one node').toEqual([]);
    const crashing = async () => ((await withFlag(component))[0]?.running === false ? true : undefined);
    await until(`${component} that crashes`, crashing, { seconds: 30 });
    expect(replaced(before.ids, await containerIds())).toEqual([`${tried?.node}/${component}`]);
  });

  test('status and why name the component, the node, and its own words', async () => {
    const [tried] = await withFlag(component);
    const words = /unknown flag: --no-such-flag/;
    const { status: entity } = await status();
    const blocker = entity?.lastReport?.blockers.find(({ node }) => node === tried?.node);
    expect(blocker?.because).toMatch(new RegExp(`${component} on ${tried?.node}`));
    expect(blocker?.because).toMatch(words);
    expect((await cke('status', '--cluster', cluster)).stdout).toMatch(new RegExp(`${component} (restarting|exited)`));
    const { stdout, code } = await cke('why', tried?.node ?? '', '--cluster', cluster);
    expect(stdout).toMatch(words);
    expect(code).not.toBe(0);
  });

  test('it is backed off, and goes to no other node meanwhile', async () => {
    const first = await operations();
    await sleep(20_000);
    const more = (await operations()) - first;
    figure(`operations within 20 s of crashes of ${component}`, more);
    expect(more, 'operations within 20 s').toBeLessThan(10);
    const tried = await withFlag(component);
    expect(tried).toHaveLength(1);
    expect(replaced(before.ids, await containerIds())).toHaveLength(1);
  });

  test('taken out of the declaration it heals, and only that container is made anew', async () => {
    const report = await apply(writeDeclaration());
    expect(report).toMatchObject({ outcome: 'converged', blockers: [], failed: [] });
    expect(await withFlag(component)).toEqual([]);
    const changed = replaced(before.ids, await containerIds());
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(new RegExp(`/${component}$`));
    await until('a status without obstacles', clear, { seconds: 60, everyMilliseconds: 1000 });
  });
});

/** How many operations there have been. */
async function operations(): Promise<number> {
  return (await status()).status?.lastReport?.epoch ?? 0;
}

function giveFlag(document: Document, option: string): void {
  document.setIn(['options', option, 'extra_args'], [flag]);
}

async function withFlag(component: Component): Promise<Container[]> {
  return (await allContainers()).filter(({ name, command }) => name === component && command.includes(flag));
}

async function clear(): Promise<true | undefined> {
  const { status: entity } = await status();
  return (entity?.lastReport?.outcome === 'converged' && entity.lastReport.blockers.length === 0) || undefined;
}
