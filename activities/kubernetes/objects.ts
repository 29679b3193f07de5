import { PatchStrategy } from '@kubernetes/client-node';
import { fieldManager, objectDrift } from '../../cluster/resources/object-drift.ts';
import { objectKey, type KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { isMissing } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** Server-side apply of one object: our fields become what we say, whoever has set them; others' stay. Can be repeated. */
export async function applyAt({ objects }: ApiServer, object: KubernetesObject): Promise<void> {
  await objects.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
}

/** The live object, or undefined when there is none. */
export async function readAt(
  { objects }: ApiServer,
  { apiVersion, kind, metadata: { name, namespace } }: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>,
): Promise<unknown> {
  try {
    return await objects.read({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Live objects by their key. */
export type LiveObjects = ReadonlyMap<string, unknown>;

/** Those of the cluster's objects that bear a label, of the kinds of `wanted`: one request for each kind in a namespace. */
export async function labelledAt(
  server: ApiServer,
  wanted: readonly KubernetesObject[],
  labels: Readonly<Record<string, string>>,
): Promise<LiveObjects> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const kinds = new Map(wanted.map((one) => [`${one.apiVersion} ${one.kind} ${one.metadata.namespace ?? ''}`, one]));
  const lists = await Promise.all([...kinds.values()].map((one) => listAt(server, one, selector.join(','))));
  return new Map(lists.flat());
}

async function listAt(
  { objects }: ApiServer,
  { apiVersion, kind, metadata: { namespace } }: KubernetesObject,
  selector: string,
): Promise<[string, unknown][]> {
  const none = undefined;
  const { items } = await objects.list(apiVersion, kind, namespace, none, none, none, none, selector);
  return items.map((item) => {
    const { name = '', namespace: within } = item.metadata ?? {};
    return [objectKey({ kind, metadata: { name, ...(within !== undefined && { namespace: within }) } }), item];
  });
}

/** Which of the objects are missing or differ in a field that we set, and how. */
export function outdated(wanted: readonly KubernetesObject[], live: LiveObjects): { key: string; because: string }[] {
  return wanted.flatMap((object) => {
    const key = objectKey(object);
    const because = objectDrift(object, live.get(key));
    return because === undefined ? [] : [{ key, because }];
  });
}
