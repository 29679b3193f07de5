import type { KubernetesObject } from '../kubernetes-object.ts';

/** What an object of a user is called, whatever version of its API it is written in. */
export interface ResourceName {
  /** Empty for the core API. */
  group: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** `group/kind/namespace/name`: one text for each object, `-` for the core group and for no namespace. */
export type ResourceKey = string;

const none = '-';

/** The group of `apps/v1`; empty for `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

export function resourceKey({
  apiVersion,
  kind,
  metadata,
}: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>) {
  const { namespace, name } = metadata;
  return keyOf({ group: groupOf(apiVersion), kind, name, ...(namespace !== undefined && { namespace }) });
}

export function keyOf({ group, kind, namespace, name }: ResourceName): ResourceKey {
  return [group || none, kind, namespace ?? none, name].join('/');
}

/** The parts of a key. No part of it holds a slash. */
export function nameOf(key: ResourceKey): ResourceName {
  const [group = none, kind = '', namespace = none, name = ''] = key.split('/');
  return { group: group === none ? '' : group, kind, name, ...(namespace !== none && { namespace }) };
}

/** For people: `Deployment web/api`, `Widget.example.com default/a`, `Namespace web`. */
export function describeResource(key: ResourceKey): string {
  const { group, kind, namespace, name } = nameOf(key);
  const plain = !group.includes('.') || group.endsWith('.k8s.io');
  return `${plain ? kind : `${kind}.${group}`} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
