import { ApiException, PatchStrategy, setHeaderOptions, type V1Pod } from '@kubernetes/client-node';
import { classifyKubernetesError, isMissing } from './failure.ts';
import { fieldManager } from '../../cluster/resources/object-drift.ts';
import type { ApiServer } from './servers.ts';

/** A pod that may not be evicted yet. */
export interface RefusedEviction {
  /** `namespace/name`. */
  pod: string;
  because: string;
}

/** A drain looks again soon: one round asks as many pods as it can in this time. */
const roundMilliseconds = 20_000;

export const podKey = ({ metadata }: V1Pod): string => `${metadata?.namespace}/${metadata?.name}`;

/** Pods that have to end before a node goes: all but those of DaemonSets, those from the node's own disk, and finished ones. */
export async function podsToEvictAt({ core }: ApiServer, node: string): Promise<V1Pod[]> {
  const { items } = await core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` });
  return items.filter(({ metadata, status }) => {
    const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
    const mirror = metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    // One that is being deleted goes when the kubelet has said that it is gone.
    const finished = ended && metadata?.deletionTimestamp === undefined;
    return !mirror && !finished && owner?.kind !== 'DaemonSet';
  });
}

/** Whether a node takes pods; one without a Node object counts as one that does. */
export async function schedulabilityAt({ core }: ApiServer, node: string): Promise<'schedulable' | 'cordoned'> {
  try {
    const { spec } = await core.readNode({ name: node });
    return spec?.unschedulable === true ? 'cordoned' : 'schedulable';
  } catch (error) {
    if (isMissing(error)) return 'schedulable';
    throw error;
  }
}

/** Cordons the node, then asks every pod once by the Eviction API, which respects PodDisruptionBudgets. */
export async function evictPodsAt(server: ApiServer, node: string): Promise<RefusedEviction[]> {
  await setUnschedulable(server, node, true);
  const deadline = Date.now() + roundMilliseconds;
  const refused: RefusedEviction[] = [];
  for (const pod of await podsToEvictAt(server, node)) {
    if (pod.metadata?.deletionTimestamp !== undefined || Date.now() > deadline) continue;
    const because = await evict(server, pod);
    if (because !== undefined) refused.push({ pod: podKey(pod), because });
  }
  return refused;
}

/** Lets the node take pods again. */
export async function uncordonAt(server: ApiServer, node: string): Promise<void> {
  await setUnschedulable(server, node, null);
}

async function setUnschedulable({ core }: ApiServer, node: string, unschedulable: true | null): Promise<void> {
  try {
    await core.patchNode(
      { name: node, body: { spec: { unschedulable } }, fieldManager },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Why the pod stays for now; undefined when it goes. 429 is the answer of a PodDisruptionBudget, 500 that of two of them. */
async function evict({ core }: ApiServer, { metadata }: V1Pod): Promise<string | undefined> {
  const { name = '', namespace = '' } = metadata ?? {};
  try {
    await core.createNamespacedPodEviction({
      name,
      namespace,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof ApiException && [403, 429, 500].includes(error.code))
      return classifyKubernetesError(error).because;
    throw error;
  }
}

export async function deleteNodeAt({ core }: ApiServer, node: string): Promise<void> {
  try {
    await core.deleteNode({ name: node });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
