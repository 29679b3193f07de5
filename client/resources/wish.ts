import { canonicalJson } from '../../cluster/canonical.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { addonOf } from '../../cluster/resources/user/addon.ts';
import { isSecret } from '../../cluster/resources/user/definition.ts';
import { nameOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { StoredResource } from '../../activities/store/resources.ts';
import { differences } from '../changes.ts';
import type { Session } from '../session.ts';

/** How definitions differ from what is stored. */
export interface ResourceChanges {
  created: ResourceKey[];
  /** With a line for each field; what a Secret holds is told by the names of its entries only. */
  changed: { key: ResourceKey; lines: string[] }[];
  unchanged: ResourceKey[];
  /** Stored by a person, and not among the wishes; what belongs to add-ons is the declaration's. */
  others: ResourceKey[];
}

export type Definitions = ReadonlyMap<ResourceKey, { resource: StoredResource; revision: string }>;

/** An object as etcd may hold it, and what belongs into Vault. */
export function parted(object: KubernetesObject): { object: KubernetesObject; content?: Record<string, string> } {
  if (!isSecret(object)) return { object };
  const { data, stringData, ...rest } = object;
  const plain = Object.entries(textsOf(stringData)).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { object: rest, content: { ...textsOf(data), ...Object.fromEntries(plain) } };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one ?? '')]));
}

/** Compares wishes with what is stored, Secrets with what Vault holds. */
export async function compare(
  session: Session,
  {
    cluster,
    wishes,
    stored,
  }: { cluster: string; wishes: ReadonlyMap<ResourceKey, KubernetesObject>; stored: Definitions },
): Promise<ResourceChanges> {
  const changes: ResourceChanges = { created: [], changed: [], unchanged: [], others: [] };
  for (const [key, wish] of wishes) {
    const standing = stored.get(key)?.resource;
    const { object, content } = parted(wish);
    const lines =
      standing === undefined
        ? []
        : [
            ...differences(standing.object, object, ''),
            ...(content === undefined ? [] : await contentLines(session, { cluster, key, content, standing })),
          ];
    if (standing === undefined) changes.created.push(key);
    else if (lines.length > 0) changes.changed.push({ key, lines });
    else changes.unchanged.push(key);
  }
  const ours = [...stored].filter(([, { resource }]) => addonOf(resource.object) === undefined);
  changes.others.push(...ours.flatMap(([key]) => (wishes.has(key) ? [] : [key])));
  return changes;
}

interface Content {
  cluster: string;
  key: ResourceKey;
  content: Record<string, string>;
  standing: StoredResource;
}

async function contentLines(session: Session, { cluster, key, content, standing }: Content): Promise<string[]> {
  const found = await session.vault().resourceSecret({ cluster, ...secretPlace(key) });
  const before = found?.data ?? {};
  // What Vault was given and the definition was not told of, since that was interrupted, has not reached the cluster.
  if (canonicalJson(before) === canonicalJson(content))
    return found?.version === standing.secretVersion ? [] : ['~ data: (hidden)'];
  const entries = [...new Set([...Object.keys(before), ...Object.keys(content)])];
  return entries.filter((entry) => before[entry] !== content[entry]).map((entry) => `~ data.${entry}: (hidden)`);
}

/** Where Vault has what a Secret holds. */
export function secretPlace(key: ResourceKey): { namespace: string; name: string } {
  const { namespace = 'default', name } = nameOf(key);
  return { namespace, name };
}

/** Puts what Secrets hold into Vault, and returns what is to be stored. */
export async function toStore(
  session: Session,
  { cluster, wish, by }: { cluster: string; wish: KubernetesObject; by: string },
): Promise<StoredResource> {
  const { object, content } = parted(wish);
  const at = new Date().toISOString();
  if (content === undefined) return { object, by, at };
  const { namespace = 'default', name } = object.metadata;
  const secretVersion = await session.vault().storeResourceSecret({ cluster, namespace, name, data: content });
  return { object, secretVersion, by, at };
}
