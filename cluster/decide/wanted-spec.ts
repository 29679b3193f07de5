import type { componentSpec } from '../components/component-spec.ts';
import type { Component } from '../components/component.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { ciphersOf } from '../encryption/key-change.ts';
import type { ClusterRecords } from '../observation.ts';
import { etcdMembershipOf } from './etcd-membership.ts';

interface Wanted {
  declaration: Declaration;
  observation: { records: ClusterRecords };
  node: NodeDeclaration;
}

/**
 * What a component's spec is made of on a node: the declaration, and what the records say of the member or of the keys. Undefined for
 * the etcd of a node that has no membership, and for a plugin that is in use still and not declared any more.
 */
export function wantedSpec(
  { declaration, observation, node }: Wanted,
  component: Component,
): Parameters<typeof componentSpec>[0] | undefined {
  const wanted = { declaration, node, component };
  if (component === 'kube-apiserver') {
    const { encryption } = observation.records;
    return encryption === undefined ? wanted : { ...wanted, ciphers: ciphersOf(encryption) };
  }
  if (component === 'vault-kms') return declaration.secrets_encryption?.vault && wanted;
  if (component !== 'etcd') return wanted;
  const membership = etcdMembershipOf({ declaration, observation, node });
  return membership && { ...wanted, membership };
}
