import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { container, fileRoot } from './container.ts';
import { authorityFile, certificatePair, kubeconfigFile, tokenSignerFile } from './files.ts';
import type { ComponentSpec } from './spec.ts';

const directory = '/etc/kubernetes/controller-manager';
const kubeconfig = `${directory}/kubeconfig`;
const pair = `${directory}/controller-manager`;

/** The controller-manager of a control plane. One certificate is both its client's and that of its health endpoint. */
export function kubeControllerManagerSpec(declaration: Declaration, node: NodeDeclaration): ComponentSpec {
  const certificate = certificateRequest({ kind: 'controller-manager', declaration, node });
  return {
    component: 'kube-controller-manager',
    container: container({
      image: declaration.images['kube-controller-manager'],
      binary: 'kube-controller-manager',
      args: [...args(declaration), ...nodeCidrArgs(declaration)],
      params: declaration.options['kube-controller-manager'],
      mounts: [fileRoot('/etc/kubernetes')],
    }),
    root: '/etc/kubernetes',
    files: [
      authorityFile(`${directory}/ca.crt`, 'kubernetes', declaration),
      kubeconfigFile(kubeconfig, declaration, certificate),
      ...certificatePair(pair, certificate),
      tokenSignerFile(`${directory}/service-account.key`, declaration),
    ],
  };
}

function args({ name, service_subnet }: Declaration): string[] {
  return [
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--cluster-name=${name}`,
    `--kubeconfig=${kubeconfig}`,
    '--profiling=false',
    `--root-ca-file=${directory}/ca.crt`,
    `--service-account-private-key-file=${directory}/service-account.key`,
    `--service-cluster-ip-range=${service_subnet}`,
    `--tls-cert-file=${pair}.crt`,
    `--tls-private-key-file=${pair}.key`,
    '--tls-min-version=VersionTLS12',
    '--use-service-account-credentials=true',
  ];
}

function nodeCidrArgs({ pod_subnet, node_cidr_mask_size }: Declaration): string[] {
  if (pod_subnet === undefined) return [];
  return ['--allocate-node-cidrs=true', `--cluster-cidr=${pod_subnet}`, `--node-cidr-mask-size=${node_cidr_mask_size}`];
}
