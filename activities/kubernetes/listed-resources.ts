import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { isApplied } from '../../cluster/resources/object-drift.ts';
import { resourceLabel, resourceLabelValue } from '../../cluster/resources/user/definition.ts';
import type { LiveResource } from '../../cluster/resources/user/findings.ts';
import { groupOf, keyOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { versionPath } from './discovery.ts';
import { classifyKubernetesError, isMissing } from './failure.ts';
import type { ApiServer } from './servers.ts';

/** Names and managed fields, and nothing of what an object holds: no Secret is ever read. */
export const metadataOf = (what: 'PartialObjectMetadata' | 'PartialObjectMetadataList') =>
  `application/json;as=${what};g=meta.k8s.io;v=v1`;

const pageSize = 1000;

export const objectSchema = z.object({
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
