import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { labelled, resourceLabel, resourceLabelValue } from '../../cluster/resources/user/definition.ts';
import type { LiveResource } from '../../cluster/resources/user/findings.ts';
import { keyOf, groupOf, nameOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { fieldManager, isApplied } from '../../cluster/resources/object-drift.ts';
import { versionPath, type KindPath } from './discovery.ts';
import { classifyKubernetesError, isMissing } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** Names and managed fields, and nothing of what an object holds: no Secret is ever read. */
const metadataOf = (what: 'PartialObjectMetadata' | 'PartialObjectMetadataList') =>
  `application/json;as=${what};g=meta.k8s.io;v=v1`;

const pageSize = 1000;

/** A definition is served soon after it was accepted, or something is wrong with it. */
const establishedMilliseconds = 10_000;

const objectSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    managedFields: z
      .array(
        z.object({
          manager: z.string().exactOptional(),
          operation: z.string().exactOptional(),
          subresource: z.string().optional(),
          time: z.string().optional(),
          fieldsV1: z.unknown().optional(),
        }),
      )
      .optional(),
  }),
});
const pageSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: z.array(objectSchema),
});

type Metadata = z.infer<typeof objectSchema>['metadata'];

/** What is ours of a live object. The fields are told apart by their names: whoever changes a value takes its field away from us. */
export function ownershipOf({ managedFields = [] }: Pick<Metadata, 'managedFields'>): LiveResource {
  const ours = managedFields.find(isApplied);
  const others = managedFields.filter((one) => one !== ours && one.subresource === undefined && one.time !== undefined);
  const [last] = others.toSorted((a, b) => ((a.time ?? '') > (b.time ?? '') ? -1 : 1));
  const fields = createHash('sha256')
    .update(canonicalJson(ours?.fieldsV1 ?? null))
    .digest('hex')
    .slice(0, 16);
  return { fields, ...(last?.manager !== undefined && { lastWriter: last.manager }) };
}

export interface ListedResources {
  live: Map<ResourceKey, LiveResource>;
  /** Kinds that could not be listed, as `group/kind`, with the reason. */
  unknown: Map<string, string>;
}

/** All objects of users that are of these kinds, one list call for each. */
export async function listAllAt(
  server: ApiServer,
  kinds: readonly Pick<KubernetesObject, 'apiVersion' | 'kind'>[],
): Promise<ListedResources> {
  const unknown = new Map<string, string>();
  const lists = await Promise.all(
    kinds.map((one) =>
      listAt(server, one).catch((error: unknown) => {
        const { kind, because } = classifyKubernetesError(error);
        if (kind === 'unavailable' && !because.startsWith('50')) throw error;
        unknown.set(`${groupOf(one.apiVersion)}/${one.kind}`, because);
        return [];
      }),
    ),
  );
  return { live: new Map(lists.flatMap((list) => [...list])), unknown };
}

/** All objects of users that are of one kind; none when the API server does not know the kind. */
async function listAt(
  { send, discover }: ApiServer,
  { apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>,
): Promise<Map<ResourceKey, LiveResource>> {
  const found = new Map<ResourceKey, LiveResource>();
  const path = await discover(apiVersion, kind);
  let next: string | undefined = path === undefined ? undefined : '';
  while (next !== undefined) {
    const query = new URLSearchParams({
      labelSelector: `${resourceLabel}=${resourceLabelValue}`,
      limit: String(pageSize),
    });
    if (next !== '') query.set('continue', next);
    const page = pageSchema.parse(
      await send({
        method: 'GET',
        path: `${versionPath(apiVersion)}/${path?.plural}?${query.toString()}`,
        accept: metadataOf('PartialObjectMetadataList'),
      }).catch(orNothing),
    );
    for (const { metadata } of page.items) {
      const { name, namespace } = metadata;
      const key = keyOf({ group: groupOf(apiVersion), kind, name, ...(namespace !== undefined && { namespace }) });
      found.set(key, ownershipOf(metadata));
    }
    next = page.metadata?.continue || undefined;
  }
  return found;
}

/** The kind was taken away since it was discovered. */
function orNothing(error: unknown): unknown {
  if (isMissing(error)) return { items: [] };
  throw error;
}

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
    const at = objectPath({ apiVersion, path, namespace, name });
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
