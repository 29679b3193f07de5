import { z } from 'zod';
import { auditPolicyFinding } from './audit-policy.ts';
import { schedulerConfig } from './component-config.ts';
import { checked, matching, placed, strict } from './field.ts';
import { pathFinding } from './mounts.ts';
import { kubeletSchema, kubeProxySchema } from './node-component-schema.ts';
import type { Finding } from './problem.ts';
import { serviceParams } from './service-schema.ts';

const etcd = strict({
  ...serviceParams('etcd'),
  volume_name: matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
    want: 'letters, digits, _, . and -',
    hint: 'the name of a directory, not a path',
  })
    .default('etcd-cke')
    .describe('Name under which etcd’s data is kept on the host.'),
});

const etcdRivers = strict({
  ...serviceParams('etcd-rivers'),
  on_workers: z.boolean().default(false).describe('Whether workers run etcd-rivers, too.'),
});

const kubeApi = placed(
  strict({
    ...serviceParams('kube-api'),
    audit_log_enabled: z.boolean().default(false).describe('Whether API requests are logged.'),
    audit_log_policy: checked(z.string(), auditPolicyFinding)
      .default('')
      .describe('An audit.k8s.io/v1 Policy as YAML text; needed when auditing is on.'),
    audit_log_path: checked(z.string(), (path) => (path === '-' ? undefined : pathFinding(path)))
      .default('-')
      .describe(
        'File, whose directory is the node’s, or `-` for standard output. A file is rotated: 10 of 100 MB, 30 days; ' +
          '`--audit-log-maxsize`, `-maxbackup` and `-maxage` in `extra_args` say otherwise.',
      ),
  }),
  ({ audit_log_enabled, audit_log_policy }) =>
    audit_log_enabled && audit_log_policy === '' ? [{ at: ['audit_log_policy'], finding: policyMissing }] : [],
);

const policyMissing: Finding = {
  code: 'required',
  want: 'an audit policy, because audit_log_enabled is true',
  hint: 'start with: apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]',
};

const kubeScheduler = strict({
  ...serviceParams('kube-scheduler'),
  config: schedulerConfig.exactOptional().describe('Partial KubeSchedulerConfiguration, merged over our defaults.'),
});

/** `options`: one entry per component. */
export const optionsSchema = strict({
  etcd: etcd.prefault({}).describe('etcd.'),
  rivers: strict(serviceParams('rivers')).prefault({}).describe('The proxy to the API servers on each node.'),
  'etcd-rivers': etcdRivers.prefault({}).describe('The proxy to etcd on each control plane.'),
  'kube-api': kubeApi.prefault({}).describe('kube-apiserver.'),
  'vault-kms': strict(serviceParams('vault-kms'))
    .prefault({})
    .describe('The plugin of API servers for the provider `kms`.'),
  'kube-controller-manager': strict(serviceParams('kube-controller-manager'))
    .prefault({})
    .describe('kube-controller-manager.'),
  'kube-scheduler': kubeScheduler.prefault({}).describe('kube-scheduler.'),
  'kube-proxy': kubeProxySchema.prefault({}).describe('kube-proxy.'),
  kubelet: kubeletSchema.prefault({}).describe('kubelet.'),
});
