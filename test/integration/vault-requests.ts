import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import type { CertificateKind, CertificateRequest } from '../../cluster/certificates/certificate.ts';

const plain = { extra_args: [], extra_binds: [], extra_env: {} };

const declaration = {
  certificates: { lifetime_hours: 720, renew_before_hours: 240 },
  service_subnet: '10.100.0.0/16',
  options: {
    etcd: { ...plain, volume_name: 'etcd-cke' },
    rivers: plain,
    'etcd-rivers': { ...plain, on_workers: false },
    'kube-api': { ...plain, audit_log_enabled: false, audit_log_policy: '', audit_log_path: '-' },
    'vault-kms': plain,
    'kube-controller-manager': plain,
    'kube-scheduler': plain,
    'kube-proxy': { ...plain, disable: false },
    kubelet: { ...plain, boot_taints: [], cri_endpoint: '/run/containerd/containerd.sock', in_place_update: true },
  },
};

const node = {
  name: 'cp-1',
  hostname: 'cp-1',
  address: '10.0.0.11',
  user: 'cke',
  control_plane: true,
  labels: {},
  annotations: {},
  taints: [],
  ssh: { port: 22 },
};

/** What the catalogue wants of a kind, on the control plane cp-1. */
export function requestFor(kind: CertificateKind): CertificateRequest {
  if (kind === 'webhook')
    return certificateRequest({ kind, declaration, service: { namespace: 'ops', name: 'guard' } });
  if (kind === 'etcd-user') return certificateRequest({ kind, declaration, user: 'backup' });
  return certificateRequest({ kind, declaration, node });
}
