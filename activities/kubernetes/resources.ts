import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { fieldManager, isApplied } from '../../cluster/resources/object-drift.ts';
import { labelled } from '../../cluster/resources/user/definition.ts';
import { nameOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { versionPath, type KindPath } from './discovery.ts';
import { classifyKubernetesError, isMissing } from './failure.ts';
import { metadataOf, objectSchema, ownershipOf } from './listed-resources.ts';
import type { ApiServer } from './servers.ts';

/** A definition is served soon after it was accepted, or something is wrong with it. */
const establishedMilliseconds = 10_000;

/** What came of applying or deleting one object. */
export type ResourceOutcome =
  { outcome: 'applied'; fields: string; namespace?: string } | { outcome: 'refused'; because: string };

/** Applies one object as ours, and waits until what it defines is served. Throws only when the API server does not answer. */
export async function applyResourceAt(server: ApiServer, object: KubernetesObject): Promise<ResourceOutcome> {
  const { apiVersion, kind, metadata } = object;
  try {
    const path = await server.discover(apiVersion, kind);
    if (path === undefined)
      return { outcome: 'refused', because: `the cluster does not know ${kind} of ${apiVersion}` };
    const namespace = path.scope === 'namespaced' ? (metadata.namespace ?? 'default') : undefined;
    const query = new URLSearchParams({ fieldManager, force: 'true', fieldValidation: 'Strict' });
    const { metadata: live } = objectSchema.parse(
      await server.send({
        method: 'PATCH',
        path: `${objectPath({ apiVersion, path, namespace, name: metadata.name })}?${query.toString()}`,
        accept: metadataOf('PartialObjectMetadata'),
        contentType: 'application/apply-patch+yaml',
        body: labelled(object),
      }),
    );
    if (kind === 'CustomResourceDefinition') await untilEstablished(server, object);
    return { outcome: 'applied', fields: ownershipOf(live).fields, ...(namespace !== undefined && { namespace }) };
  } catch (error) {
    return refusalOf(error);
  }
}

/** An internal error is an answer about this object: fields that don't exist, or a webhook that fails. */
function refusalOf(error: unknown): ResourceOutcome {
  const { kind, because } = classifyKubernetesError(error);
  if (kind === 'unavailable' && !because.startsWith('500 ')) throw error;
  return { outcome: 'refused', because };
}

interface Located {
  apiVersion: string;
  path: KindPath;
  namespace: string | undefined;
  name: string;
}

function objectPath({ apiVersion, path, namespace, name }: Located): string {
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${versionPath(apiVersion)}${place}/${path.plural}/${encodeURIComponent(name)}`;
}

const definitionSchema = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean() })),
  }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() }).optional(),
});

/** A definition that is never served is told by what its own objects are refused with. */
async function untilEstablished(
  { send, discover }: ApiServer,
  { apiVersion, metadata }: KubernetesObject,
): Promise<void> {
  const path = `${versionPath(apiVersion)}/customresourcedefinitions/${encodeURIComponent(metadata.name)}`;
  for (const end = Date.now() + establishedMilliseconds; Date.now() < end; await sleep(100)) {
    const { spec, status } = definitionSchema.parse(await send({ method: 'GET', path }));
    const established = status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True');
    const version = spec.versions.find(({ served }) => served);
    if (version === undefined) return;
    if (established && (await discover(`${spec.group}/${version.name}`, spec.names.kind)) !== undefined) return;
  }
}

/** Deletes one object that is ours; one that is gone, or that somebody else has made anew, is fine. Throws only when the API server does not answer. */
export async function deleteResourceAt(
  server: ApiServer,
  { key, apiVersion, namespace }: { key: ResourceKey; apiVersion: string; namespace?: string },
): Promise<ResourceOutcome> {
  const { kind, name } = nameOf(key);
  const deleted: ResourceOutcome = { outcome: 'applied', fields: '' };
  try {
    const path = await server.discover(apiVersion, kind);
    if (path === undefined) return deleted;
    // What was claimed and not seen applied has no place on record: that of its definition counts.
    const place = path.scope === 'namespaced' ? (namespace ?? nameOf(key).namespace ?? 'default') : undefined;
    const at = objectPath({ apiVersion, path, namespace: place, name });
    const { metadata } = objectSchema.parse(
      await server.send({ method: 'GET', path: at, accept: metadataOf('PartialObjectMetadata') }),
    );
    const isOurs = metadata.managedFields?.some(isApplied);
    if (!isOurs || metadata.deletionTimestamp !== undefined) return deleted;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: metadata.uid },
    };
    await server.send({ method: 'DELETE', path: at, body });
    return deleted;
  } catch (error) {
    return isMissing(error) ? deleted : refusalOf(error);
  }
}
