import { PatchStrategy } from '@kubernetes/client-node';
import { differs } from '../../cluster/resources/differs.ts';
import { objectKey, type KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { isMissing } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** Who we are in the managed fields of objects. */
export const fieldManager = 'cke';

/** Server-side apply of one object: our fields become what we say, others' stay. Can be repeated. */
export async function applyAt({ objects }: ApiServer, object: KubernetesObject): Promise<void> {
  await objects.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
}

/** The live object, or undefined when there is none. */
export async function readAt(
  { objects }: ApiServer,
  { apiVersion, kind, metadata: { name, namespace } }: KubernetesObject,
): Promise<unknown> {
  try {
    return await objects.read({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Which of the objects are missing or differ in a field that we set. */
export async function outdatedAt(
  server: ApiServer,
  wanted: readonly KubernetesObject[],
): Promise<{ key: string; because: string }[]> {
  const seen = await Promise.all(
    wanted.map(async (object) => ({ key: objectKey(object), because: differs(object, await readAt(server, object)) })),
  );
  return seen.flatMap(({ key, because }) => (because === undefined ? [] : [{ key, because }]));
}
