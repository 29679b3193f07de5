import { expect } from 'vitest';
import type { LabNode } from '../../lab/lab-node.ts';
import { checkHistory, tally } from '../workload/check.ts';
import { checkMembers } from '../workload/members.ts';
import { sampleMembers } from '../workload/sample-members.ts';
import { startWorkload } from '../workload/workload.ts';
import { containerOn } from './containers.ts';
import { clientCredentials } from './servers.ts';
import { figure, lab, seconds } from './story.ts';

/** What the story itself does to machines while the workload runs: they don't count as taken out by the program. */
export interface Load {
  /** From now on the node is out by the story's doing. */
  excuse(node: string): void;
  /** It is back: from now on it counts again. */
  readmit(node: string): void;
}

/**
 * Runs a story while clients change registers, logs and ConfigMaps all the time and etcd is looked at once a second. Afterwards
 * nothing that was acknowledged is lost, nothing was made up, no read went back, and never was more than one member out by our doing.
 */
export async function underLoad<T>(what: string, story: (load: Load) => Promise<T>): Promise<T> {
  const credentials = await clientCredentials();
  const nodes = lab.nodes();
  const excused = new Set<string>();
  const name = `w${Date.now().toString(36)}`;
  const workload = await startWorkload({ addresses: nodes.map(({ address }) => address), name, ...credentials });
  const sampler = sampleMembers(
    nodes.map((node) => ({
      address: node.address,
      etcdRunsSince: () => etcdRunsSince(node),
      isExcused: () => excused.has(node.name),
    })),
    credentials.etcd,
  );
  let failure: unknown;
  const result = await story({
    excuse: (node) => void excused.add(node),
    readmit: (node) => void excused.delete(node),
  }).catch((error: unknown) => {
    failure = error;
    return undefined;
  });
  // Also of a story that failed: what was lost on the way says why.
  const samples = await sampler.stop();
  const history = await workload.stop();
  const { acknowledged, refused, unknown, reads, longestGap } = tally(history);
  const counts = `${acknowledged} acknowledged, ${refused} refused, ${unknown} unanswered, ${reads} reads, ${samples.length} looks at the members`;
  figure(what, `${counts}; longest time without a write ${seconds(longestGap)}`);
  expect(checkHistory(history), 'what a store must not do').toEqual([]);
  expect(checkMembers(samples), 'members that were out').toEqual([]);
  if (failure !== undefined) throw failure;
  expect(acknowledged, 'the workload did nothing').toBeGreaterThan(20);
  return result as T;
}

/** By the engine's own words; a node that is off runs nothing. */
async function etcdRunsSince(node: LabNode): Promise<string | undefined> {
  try {
    if (node.pid() === undefined) return undefined;
    const container = await containerOn(node, 'etcd');
    return container?.running ? container.startedAt : undefined;
  } catch {
    return undefined;
  }
}
