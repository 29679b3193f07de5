import type { CertificateRequest } from '../../../cluster/certificates/certificate.ts';

/** What the scheduler of cp-1 is to hold. */
export const certificate: CertificateRequest = {
  kind: 'scheduler',
  authority: 'kubernetes',
  node: 'cp-1',
  commonName: 'system:kube-scheduler',
  organizations: ['system:kube-scheduler'],
  dnsNames: ['localhost'],
  ipAddresses: ['127.0.0.1'],
  usages: ['client', 'server'],
  lifetimeHours: 720,
  renewBeforeHours: 240,
};
