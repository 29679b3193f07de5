import type { Endpoints } from '../resources/endpoint-slice.ts';
import { type ResourceKey } from '../resources/user/resource-key.ts';
import type { StepBase } from './base.ts';

/** Applies built-in Kubernetes objects. */
export interface ApplyObjects extends StepBase {
  kind: 'apply-objects';
  objects: { key: string; because: string }[];
}

/** Applies objects of users, those that others stand on first. What they say is read where they are applied. */
export interface ApplyResources extends StepBase {
  kind: 'apply-resources';
  keys: ResourceKey[];
  because: string;
}

/** Deletes objects that users define no more. */
export interface DeleteResources extends StepBase {
  kind: 'delete-resources';
  keys: ResourceKey[];
  because: string;
}

/** Sets the addresses behind the Service default/kubernetes. */
export interface UpdateApiEndpoints extends StepBase, Endpoints {
  kind: 'update-api-endpoints';
  because: string;
}

/** Sets the addresses behind the Service kube-system/cke-etcd. */
export interface UpdateEtcdEndpoints extends StepBase, Endpoints {
  kind: 'update-etcd-endpoints';
  because: string;
}
