import type { Component } from '../components/component.ts';
import type { CertificateKind } from './certificate.ts';

/** Who holds a certificate of a kind: a component on the nodes, this program, people, or what runs in the cluster. */
export type Holder = Component | 'worker' | 'people' | 'applications' | 'webhooks';

export interface Holding {
  holder: Holder;
  /** Path on the node without its extension (`.crt` and `.key` beside each other), a kubeconfig, or another place in words. */
  places: string[];
  lifetime: 'declared' | '2 hours' | 'as asked';
}

const pki = '/etc/kubernetes/pki';

/** Where certificates land. Keys are readable for root alone, as whom every component reads them. */
export const holdings: Record<CertificateKind, Holding> = {
  'etcd-server': on('etcd', '/etc/etcd/pki/server'),
  'etcd-peer': on('etcd', '/etc/etcd/pki/peer'),
  'apiserver-etcd-client': on('kube-apiserver', `${pki}/apiserver-etcd-client`),
  'etcd-rivers': on('etcd-rivers', '/etc/rivers/etcd-rivers/client'),
  'etcd-root': { holder: 'worker', places: ['memory of the worker'], lifetime: '2 hours' },
  apiserver: on('kube-apiserver', `${pki}/apiserver`),
  'apiserver-kubelet-client': on('kube-apiserver', `${pki}/apiserver-kubelet-client`),
  'controller-manager': on(
    'kube-controller-manager',
    '/etc/kubernetes/controller-manager/controller-manager',
    '/etc/kubernetes/controller-manager/kubeconfig',
  ),
  scheduler: on('kube-scheduler', '/etc/kubernetes/scheduler/scheduler', '/etc/kubernetes/scheduler/kubeconfig'),
  kubelet: on('kubelet', `${pki}/kubelet`, '/etc/kubernetes/kubelet/kubeconfig'),
  'kube-proxy': on('kube-proxy', '/etc/kubernetes/proxy/kubeconfig'),
  'front-proxy': on('kube-apiserver', `${pki}/aggregation`),
  webhook: { holder: 'webhooks', places: ['Secret of the webhook’s Service'], lifetime: 'declared' },
  'etcd-user': { holder: 'applications', places: ['output of cke-client'], lifetime: 'as asked' },
  admin: { holder: 'people', places: ['kubeconfig that cke-client prints'], lifetime: 'as asked' },
  'vault-kms': on('vault-kms', '/etc/kubernetes/vault-kms/client'),
};

function on(holder: Component, ...places: string[]): Holding {
  return { holder, places, lifetime: 'declared' };
}

/**
 * How a component takes up a new certificate. etcd reads its files at each handshake, and the API server watches its own; the others
 * have a client's certificate inside a kubeconfig, or are HAProxy, and read once.
 */
export function takesUp(component: Component): 'reload' | 'restart' {
  return component === 'etcd' || component === 'kube-apiserver' ? 'reload' : 'restart';
}
