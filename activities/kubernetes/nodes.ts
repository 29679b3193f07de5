import type { V1Node, V1Taint } from '@kubernetes/client-node';
import type { Taint } from '../../cluster/declaration/service-options.ts';
import type { KubernetesNode } from '../../cluster/observation.ts';
import type { ApiServer } from './servers.ts';

/** All Node objects. */
export async function nodesAt({ core }: ApiServer): Promise<KubernetesNode[]> {
  const { items } = await core.listNode();
  return items.map(nodeOf);
}

/** What we care about of a Node object. */
export function nodeOf({ metadata, spec, status }: V1Node): KubernetesNode {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    name: metadata?.name ?? '',
    ready: ready?.status === 'True' ? 'true' : ready?.status === 'False' ? 'false' : 'unknown',
    ...(ready?.lastTransitionTime && { readySince: ready.lastTransitionTime.toISOString() }),
    readyMessage: (ready?.message ?? 'its kubelet has not reported yet').slice(0, 300),
    schedulable: spec?.unschedulable === true ? 'no' : 'yes',
    labels: { ...metadata?.labels },
    annotations: { ...metadata?.annotations },
    taints: (spec?.taints ?? []).flatMap(taintOf),
    ...(spec?.podCIDR !== undefined && { podCidr: spec.podCIDR }),
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? '',
  };
}

function taintOf({ key, value, effect }: V1Taint): Taint[] {
  return isEffect(effect) ? [{ key, value: value ?? '', effect }] : [];
}

function isEffect(effect: string): effect is Taint['effect'] {
  return ['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect);
}
