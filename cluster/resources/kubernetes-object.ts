import type { Json } from '../declaration/service-options.ts';

/** A Kubernetes object as far as we set it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: Json | undefined | KubernetesObject['metadata'];
}

/** `kind/namespace/name`, or `kind/name` for an object without a namespace. */
export function objectKey({ kind, metadata }: Pick<KubernetesObject, 'kind' | 'metadata'>): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
}
