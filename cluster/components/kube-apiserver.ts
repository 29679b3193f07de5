import { certificateRequest, frontProxyUser } from '../certificates/catalogue.ts';
import { clusterDomain } from '../declaration/cluster-addresses.ts';
import { kmsServerCipher, type Cipher } from '../encryption/cipher.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { auditArgs, auditFiles, auditMounts } from './audit.ts';
import { authenticationArgs, authenticationFiles } from './authentication.ts';
import { container, fileRoot } from './container.ts';
import { anyAddress, ports } from './endpoint.ts';
import { authorityFile, certificatePair, tokenSignerFile, tokenVerifierFile } from './files.ts';
import type { ComponentSpec, FileSpec } from './spec.ts';
import { kmsSocketMount } from './vault-kms.ts';

const pki = '/etc/kubernetes/pki';
const own = '/etc/kubernetes/apiserver';

/** The API server of a control plane. It reaches etcd through etcd-rivers; its endpoints are ours to set (CKE §4.4). */
export function kubeApiserverSpec(declaration: Declaration, node: NodeDeclaration, ciphers?: Cipher[]): ComponentSpec {
  const options = declaration.options['kube-api'];
  return {
    component: 'kube-apiserver',
    container: container({
      image: declaration.images['kube-apiserver'],
      binary: 'kube-apiserver',
      args: [
        ...servingArgs(declaration, node),
        ...etcdArgs,
        ...kubeletArgs,
        ...aggregationArgs,
        ...serviceAccountArgs(declaration),
        ...authenticationArgs(options),
        ...auditArgs(options),
        ...drainArgs(declaration),
      ],
      params: options,
      mounts: [fileRoot('/etc/kubernetes'), ...auditMounts(options), ...kmsMounts(ciphers)],
      tmpfs: ['/run/kubernetes'],
      stop_seconds: 30 + drainSeconds(declaration),
    }),
    root: '/etc/kubernetes',
    files: [
      ...pkiFiles(declaration, node),
      encryptionFile(ciphers),
      ...authenticationFiles(declaration),
      ...auditFiles(options),
    ],
  };
}

function servingArgs({ service_subnet }: Declaration, { address }: NodeDeclaration): string[] {
  return [
    `--advertise-address=${address}`,
    `--bind-address=${anyAddress(address)}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    `--client-ca-file=${pki}/ca.crt`,
    '--enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs',
    `--encryption-provider-config=${own}/encryption.yml`,
    '--endpoint-reconciler-type=none',
    '--feature-gates=CoordinatedLeaderElection=true',
    '--profiling=false',
    '--runtime-config=coordination.k8s.io/v1beta1=true',
    `--service-cluster-ip-range=${service_subnet}`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    '--tls-min-version=VersionTLS12',
  ];
}

/** It says that it is not ready and goes on serving for this long: rivers and endpoints lead elsewhere before it ends. */
function drainArgs(declaration: Declaration): string[] {
  const seconds = drainSeconds(declaration);
  return [endWatches, ...(seconds === 0 ? [] : [`--shutdown-delay-duration=${seconds}s`])];
}

/** Watches of pods come through a Service and end by themselves only when the process is killed: it would take its whole time to stop. */
const endWatches = '--shutdown-watch-termination-grace-period=5s';

/** Nobody else could take over from the only one: it ends at once. */
function drainSeconds(declaration: Declaration): number {
  return controlPlanes(declaration).length === 1 ? 0 : declaration.update_strategy.api_server_drain_seconds;
}

const etcdArgs = [
  `--etcd-servers=https://127.0.0.1:${ports.etcdRivers}`,
  `--etcd-cafile=${pki}/etcd-ca.crt`,
  `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
  `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
  '--etcd-compaction-interval=5m',
];

/** Node names need not resolve: kubelets are reached by the address that they were given. */
const kubeletArgs = [
  `--kubelet-certificate-authority=${pki}/ca.crt`,
  `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
  `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
  '--kubelet-preferred-address-types=InternalIP,Hostname',
];

const aggregationArgs = [
  `--proxy-client-cert-file=${pki}/aggregation.crt`,
  `--proxy-client-key-file=${pki}/aggregation.key`,
  `--requestheader-allowed-names=${frontProxyUser}`,
  `--requestheader-client-ca-file=${pki}/aggregation-ca.crt`,
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-username-headers=X-Remote-User',
];

function serviceAccountArgs(declaration: Declaration): string[] {
  return [
    `--service-account-issuer=https://kubernetes.default.svc.${clusterDomain(declaration)}`,
    `--service-account-key-file=${pki}/service-account.crt`,
    '--service-account-lookup=true',
    `--service-account-signing-key-file=${pki}/service-account.key`,
  ];
}

function pkiFiles(declaration: Declaration, node: NodeDeclaration): FileSpec[] {
  return [
    authorityFile(`${pki}/ca.crt`, 'kubernetes', declaration),
    authorityFile(`${pki}/etcd-ca.crt`, 'server', declaration),
    authorityFile(`${pki}/aggregation-ca.crt`, 'kubernetes-aggregation', declaration),
    ...certificatePair(`${pki}/apiserver`, certificateRequest({ kind: 'apiserver', declaration, node })),
    ...certificatePair(
      `${pki}/apiserver-etcd-client`,
      certificateRequest({ kind: 'apiserver-etcd-client', declaration }),
    ),
    ...certificatePair(
      `${pki}/apiserver-kubelet-client`,
      certificateRequest({ kind: 'apiserver-kubelet-client', declaration }),
    ),
    ...certificatePair(`${pki}/aggregation`, certificateRequest({ kind: 'front-proxy', declaration })),
    tokenVerifierFile(`${pki}/service-account.crt`, declaration),
    tokenSignerFile(`${pki}/service-account.key`, declaration),
  ];
}

/** Only where the plugin is asked: a control plane without it has no such directory. */
function kmsMounts(ciphers: Cipher[] = []) {
  return ciphers.includes(kmsServerCipher) ? [kmsSocketMount('ro')] : [];
}

function encryptionFile(ciphers: Cipher[] | undefined): FileSpec {
  const content = { content: 'encryption-configuration' as const, ...(ciphers && { ciphers }) };
  return { path: `${own}/encryption.yml`, mode: '0600', ...content };
}
