import * as wf from '@temporalio/workflow';
import type { Mandate } from '../activities/contracts/mandates.ts';
import { mapBounded } from './bounded.ts';
import {
  clusterWorkflowId,
  destructionProgress,
  operationWorkflowId,
  watchWorkflowId,
  type DestroyCluster,
  type DestructionProgress,
} from './contracts.ts';
import { complaintOf } from './failures.ts';
import { dismantlingActivities, lookingActivities } from './proxies.ts';
import { dismantle } from './steps/dismantle.ts';

/** Nodes that are taken apart at the same time. */
const lanes = 20;

/** After so many nodes the history may be long: the rest is for the next run. */
const nodesAtOnce = 50;

export type DestroyClusterInput = DestroyCluster & { carried?: Pick<DestructionProgress, 'cleaned' | 'left'> };

/**
 * Takes a whole cluster apart: nobody reconciles it any more, then the workers, then the control planes are cleaned. A node that does
 * not answer holds up no other: it is named at the end, and stays on record. Started by `cke-client destroy`, id
 * `cluster/<name>/destroy`; the order is a record in the management etcd, so that another run goes on where this one was stopped.
 */
export async function destroyCluster({ carried, ...input }: DestroyClusterInput): Promise<DestructionProgress> {
  const { cluster, by, data } = input;
  const state: DestructionProgress = { stage: 'beginning', data, waiting: [], cleaned: [], left: [], ...carried };
  wf.setHandler(destructionProgress, () => state);
  const order = await lookingActivities.beginDestruction({ cluster, by, data });
  const mandate: Mandate = { cluster, epoch: order.epoch, revision: order.revision };
  const seen = new Set([...state.cleaned, ...state.left.map(({ node }) => node)]);
  const isOpen = (node: string) => !seen.has(node);
  const [workers, controlPlanes] = [order.workers.filter(isOpen), order.controlPlanes.filter(isOpen)];
  Object.assign(state, { data: order.data, waiting: [...workers, ...controlPlanes] });
  await silence(cluster);
  await takeAllApart(state, mandate, { stage: 'workers', nodes: workers, input });
  await takeAllApart(state, mandate, { stage: 'control planes', nodes: controlPlanes, input });
  const done = state.cleaned.map((node) => `clean ${node}`);
  await lookingActivities.concludeDestruction({ ...mandate, by, done, left: state.left });
  // Whoever asked for something meanwhile has started another entity.
  await silence(cluster);
  state.stage = 'done';
  show(mandate, state);
  return state;
}

interface Stage {
  stage: 'workers' | 'control planes';
  nodes: string[];
  input: DestroyCluster;
}

async function takeAllApart(
  state: DestructionProgress,
  mandate: Mandate,
  { stage, nodes, input }: Stage,
): Promise<void> {
  state.stage = stage;
  for (let first = 0; first < nodes.length; first += nodesAtOnce) {
    await mapBounded(nodes.slice(first, first + nodesAtOnce), lanes, (node) => takeApart(state, mandate, node));
    const { cleaned, left } = state;
    if (wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof destroyCluster>({ ...input, carried: { cleaned, left } });
  }
}

async function takeApart(state: DestructionProgress, mandate: Mandate, node: string): Promise<void> {
  show(mandate, state);
  try {
    await dismantle({ ...mandate, node }, state.data, dismantlingActivities);
    state.cleaned.push(node);
  } catch (error) {
    if (wf.CancellationScope.current().consideredCancelled) throw error;
    state.left.push({ node, because: complaintOf(error).message });
  }
  state.waiting = state.waiting.filter((name) => name !== node);
  show(mandate, state);
}

/** The entity, its operation and its watch end; one that does not run needs no telling. What they have begun is fenced off. */
async function silence(cluster: string): Promise<void> {
  for (const id of [clusterWorkflowId, operationWorkflowId, watchWorkflowId])
    await wf
      .getExternalWorkflowHandle(id(cluster))
      .cancel()
      .catch((error: unknown) => {
        if (wf.CancellationScope.current().consideredCancelled) throw error;
      });
}

function show({ cluster }: Mandate, { stage, waiting, cleaned, left }: DestructionProgress): void {
  const lines = left.map(({ node, because }) => `- ${node} is left: ${because}`);
  wf.setCurrentDetails(
    [
      `**${cluster}** is taken apart · ${stage}: ${cleaned.length} nodes are clean, ${waiting.length} to go`,
      ...lines,
    ].join('\n'),
  );
}
