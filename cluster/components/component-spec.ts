import { wrapsByVault } from '../declaration/encryption-provider.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import type { Cipher } from '../encryption/cipher.ts';
import { components, controlPlaneComponents, type Component } from './component.ts';
import { etcdRiversSpec } from './etcd-rivers.ts';
import { etcdSpec, type EtcdMembershipSpec } from './etcd.ts';
import { kubeApiserverSpec } from './kube-apiserver.ts';
import { kubeControllerManagerSpec } from './kube-controller-manager.ts';
import { kubeProxySpec } from './kube-proxy.ts';
import { kubeSchedulerSpec } from './kube-scheduler.ts';
import { kubeletSpec } from './kubelet.ts';
import { riversSpec } from './rivers.ts';
import type { ComponentSpec } from './spec.ts';
import { vaultKmsSpec } from './vault-kms.ts';

interface ComponentInput {
  declaration: Declaration;
  node: NodeDeclaration;
  component: Component;
  /** How the etcd member is started; other components have none. */
  membership?: EtcdMembershipSpec;
  /** What the API server writes and reads Secrets with; absent: what Vault has held from the beginning. */
  ciphers?: Cipher[] | undefined;
}

/**
 * What a component must be on a node: secret-free, and equal for equal declarations.
 * @throws RangeError for etcd without a membership, and for vault-kms without an address of Vault: there is no such spec then
 */
export function componentSpec({ declaration, node, component, membership, ciphers }: ComponentInput): ComponentSpec {
  if (component === 'kube-apiserver') return kubeApiserverSpec(declaration, node, ciphers);
  if (component !== 'etcd') return specs[component](declaration, node);
  if (membership === undefined) throw new RangeError(`the etcd of ${node.name} needs a membership`);
  return etcdSpec({ declaration, node, membership });
}

const specs: Record<
  Exclude<Component, 'etcd' | 'kube-apiserver'>,
  (declaration: Declaration, node: NodeDeclaration) => ComponentSpec
> = {
  rivers: riversSpec,
  'etcd-rivers': etcdRiversSpec,
  'kube-controller-manager': kubeControllerManagerSpec,
  'kube-scheduler': kubeSchedulerSpec,
  kubelet: kubeletSpec,
  'kube-proxy': kubeProxySpec,
  'vault-kms': vaultKmsSpec,
};

/** The components that a node runs, in the order in which they are started. */
export function componentsOf(declaration: Running, node: NodeDeclaration): Component[] {
  return components.filter((component) => runs(declaration, node, component));
}

type Running = Pick<Declaration, 'options' | 'secrets_encryption'>;

/** Whether a node is to run a component. */
export function runs(declaration: Running, node: NodeDeclaration, component: Component): boolean {
  const { options } = declaration;
  if (component === 'vault-kms') return node.control_plane && wrapsByVault(declaration);
  if (component === 'kube-proxy') return !options['kube-proxy'].disable;
  if (component === 'etcd-rivers') return node.control_plane || options['etcd-rivers'].on_workers;
  return node.control_plane || !controlPlaneComponents.includes(component);
}
