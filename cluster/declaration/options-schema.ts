import { z } from 'zod';
import { auditPolicyFinding } from './audit-policy.ts';
import { cniConfFindings } from './cni-conf.ts';
import { kubeletConfig, proxyConfig, schedulerConfig } from './component-config.ts';
import { checked, matching, placed, strict } from './field.ts';
import { pathFinding } from './mounts.ts';
import { taintSchema } from './node-schema.ts';
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

const kubeProxy = strict({
  ...serviceParams('kube-proxy'),
  disable: z.boolean().default(false).describe('Whether kube-proxy is left out (the network plug-in does its work).'),
  config: proxyConfig.exactOptional().describe('Partial KubeProxyConfiguration, merged over our defaults.'),
});

const kubelet = strict({
  ...serviceParams('kubelet'),
  boot_taints: z.array(taintSchema).max(100).default([]).describe('Taints that a node registers with.'),
  cni_conf_file: placed(
    strict({
      name: matching(/^[0-9A-Za-z_.-]{1,128}$/, { want: 'a file name', hint: 'letters, digits, _, . and -' }).describe(
        'File name in /etc/cni/net.d.',
      ),
      content: z.string().describe('JSON of the file; `$POD_CIDR` stands for the node’s pod CIDR.'),
    }),
    cniConfFindings,
  )
    .exactOptional()
    .describe('CNI configuration that each node gets.'),
  config: kubeletConfig.exactOptional().describe('Partial KubeletConfiguration, merged over our defaults.'),
  cri_endpoint: checked(z.string(), criFinding)
    .default('/run/containerd/containerd.sock')
    .describe('Socket of the container runtime for pods.'),
  in_place_update: z.boolean().default(true).describe('Whether a running, outdated kubelet is restarted.'),
});

function criFinding(text: string): Finding | undefined {
  const path = text.replace(/^unix:\/\//, '');
  return (
    pathFinding(path) && {
      code: 'invalid-socket',
      want: 'an absolute path, or unix:///path',
      hint: 'for example /run/containerd/containerd.sock',
    }
  );
}

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
  'kube-proxy': kubeProxy.prefault({}).describe('kube-proxy.'),
  kubelet: kubelet.prefault({}).describe('kubelet.'),
});
