import * as wf from '@temporalio/workflow';
import { describeComplaint } from '../cluster/errors.ts';
import { mapBounded } from './bounded.ts';
import { imagesProgress, type ImagesProgress, type PullImages } from './contracts.ts';
import { complaintOf } from './failures.ts';
import { imageActivities } from './proxies.ts';

/** Nodes that pull at the same time: registries and uplinks are shared. */
const lanes = 10;

/** Nodes of one run, so that its history stays short. */
const nodesPerRun = 200;

export type PullImagesInput = PullImages & { carried?: ImagesProgress };

/**
 * Brings images to nodes ahead of an upgrade, so that it waits for no registry. It stops and changes nothing that runs: no lock and
 * no epoch. Started by `cke-client images pull`, id `cluster/<name>/images/<digest of their names>`;
 * ends when each node was tried.
 */
export async function pullImages({ carried, ...input }: PullImagesInput): Promise<ImagesProgress> {
  const { cluster, revision, nodes, images } = input;
  const state = carried ?? { of: nodes.length, done: 0, pulled: 0, failed: [] };
  wf.setHandler(imagesProgress, () => state);
  const tell = () =>
    wf.setCurrentDetails(`**${cluster}**: images on ${state.done} of ${state.of} nodes, ${state.failed.length} failed`);
  tell();
  await mapBounded(nodes.slice(0, nodesPerRun), lanes, async (node) => {
    try {
      const { pulled } = await imageActivities.bringImages({ cluster, revision, node, images });
      state.pulled += pulled;
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      state.failed.push({ node, because: describeComplaint(complaintOf(error)) });
    }
    state.done += 1;
    tell();
  });
  const rest = nodes.slice(nodesPerRun);
  if (rest.length === 0) return state;
  return wf.continueAsNew<typeof pullImages>({ ...input, nodes: rest, carried: state });
}
