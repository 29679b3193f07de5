import { ApiException, PatchStrategy, setHeaderOptions, type V1Pod } from '@kubernetes/client-node';
import { classifyKubernetesError, isMissing } from './failure.ts';
import { fieldManager } from './objects.ts';
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

/** Cordons the node, then asks every pod once by the Eviction API, which respects PodDisruptionBudgets. */
export async function evictPodsAt(server: ApiServer, node: string): Promise<RefusedEviction[]> {
  await cordon(server, node);
  const deadline = Date.now() + roundMilliseconds;
  const refused: RefusedEviction[] = [];
  for (const pod of await podsToEvictAt(server, node)) {
    if (pod.metadata?.deletionTimestamp !== undefined || Date.now() > deadline) continue;
    const because = await evict(server, pod);
    if (because !== undefined) refused.push({ pod: podKey(pod), because });
  }
  return refused;
}

async function cordon({ core }: ApiServer, node: string): Promise<void> {
  try {
    await core.patchNode(
      { name: node, body: { spec: { unschedulable: true } }, fieldManager },
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
