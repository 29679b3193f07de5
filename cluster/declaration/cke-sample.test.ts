import { expect, test } from 'vitest';
import { parseDeclaration } from './parse.ts';

/** A file as an operator of CKE has it: every field that CKE documents, in its own words and types. */
const cluster = `
name: tutorial
nodes:
  - address: 10.0.0.101
    hostname: host-101
    user: cybozu
    control_plane: true
    annotations:
      my.annotation/foo: bar
    labels:
      my.label/foo: bar
      cke.cybozu.com/role: cs
    taints:
      - key: my.taint/foo
        value: bar
        effect: NoSchedule
  - {address: 10.0.0.102, user: cybozu, control_plane: true}
  - {address: 10.0.0.103, user: cybozu, control_plane: true}
  - {address: 10.0.0.104, user: cybozu}
taint_control_plane: true
control_plane_tolerations: ["cke.cybozu.com/provisioned"]
service_subnet: 10.100.0.0/16
dns_servers: ["8.8.8.8", "1.1.1.1"]
dns_service: kube-system/unbound
reboot:
  reboot_command: ["/usr/local/bin/reboot-node"]
  boot_check_command: ["/usr/local/bin/booted"]
  max_concurrent_reboots: 2
  eviction_timeout_seconds: 600
  command_timeout_seconds: 120
  command_retries: 3
  command_interval: 10
  evict_retries: 1
  evict_interval: 1
  protected_namespaces:
    matchLabels: {app: web}
  protected_job_pods: {}
repair:
  repair_procedures:
    - machine_types: ["type1", "type2"]
      repair_operations:
        - operation: unreachable
          repair_steps:
            - repair_command: ["/usr/local/bin/reset"]
              command_timeout_seconds: 30
              command_retries: 1
              command_interval: 1
              need_drain: true
              watch_seconds: 60
          health_check_command: ["/usr/local/bin/healthy"]
          command_timeout_seconds: 10
          success_command: ["/usr/local/bin/repaired"]
          success_command_timeout: 10
  max_concurrent_repairs: 1
  protected_namespaces:
    matchExpressions: [{key: team, operator: In, values: [neco]}]
  evict_retries: 1
  evict_interval: 1
  eviction_timeout_seconds: 600
sabakan:
  spare_node_taint_key: cke.cybozu.com/spare
trusted_rest_mappings:
  - {group: monitoring.coreos.com, version: v1, kind: Probe, resource: probes, namespaced: true}
options:
  etcd:
    volume_name: etcd-cke
    extra_args: ["--heartbeat-interval=200", "--election-timeout=2000"]
  rivers:
    extra_args: ["--check-interval=10s"]
  etcd-rivers:
    extra_env: {TZ: UTC}
  kube-api:
    extra_binds:
      - {source: /var/log/audit, destination: /var/log/audit, read_only: false, propagation: rprivate, selinux_label: z}
    audit_log_enabled: true
    audit_log_path: /var/log/audit/audit.log
    audit_log_policy: |
      apiVersion: audit.k8s.io/v1
      kind: Policy
      rules: [{level: Metadata}]
  kube-controller-manager:
    extra_args: ["--allocate-node-cidrs=true", "--cluster-cidr=10.200.0.0/16"]
  kube-scheduler:
    config:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      podMaxBackoffSeconds: 100
  kube-proxy:
    disable: false
    config:
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      mode: iptables
  kubelet:
    boot_taints:
      - {key: my.taint/boot, value: "yes", effect: NoExecute}
    cni_conf_file:
      name: 10-bridge.conflist
      content: |
        {"cniVersion": "1.0.0", "name": "bridge", "plugins": [{"type": "bridge"}]}
    config:
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      maxPods: 200
    cri_endpoint: /run/containerd/containerd.sock
    in_place_update: true
    extra_binds:
      - {source: /var/lib/containerd, destination: /var/lib/containerd, read_only: false, propagation: rshared}
    extra_env: {TZ: UTC}
`;

test('CKE’s cluster.yml is taken as it is: what it says arrives', () => {
  const parsing = parseDeclaration(cluster);
  if (parsing.outcome === 'refused') throw new Error(JSON.stringify(parsing.problems, null, 2));
  const { declaration, warnings } = parsing;
  expect(warnings.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'older-form /options/kube-controller-manager/extra_args/1',
  ]);
  expect(declaration.nodes[0]).toMatchObject({
    name: 'host-101',
    annotations: { 'my.annotation/foo': 'bar' },
    labels: { 'my.label/foo': 'bar', 'cke.cybozu.com/role': 'cs' },
    taints: [{ key: 'my.taint/foo', value: 'bar', effect: 'NoSchedule' }],
  });
  expect(declaration.nodes.map(({ name }) => name).slice(1)).toEqual(['10.0.0.102', '10.0.0.103', '10.0.0.104']);
  expect(declaration).toMatchObject({
    taint_control_plane: true,
    dns_servers: ['8.8.8.8', '1.1.1.1'],
    dns_service: 'kube-system/unbound',
    reboot: { reboot_command: ['/usr/local/bin/reboot-node'], max_concurrent_reboots: 2, protected_job_pods: {} },
    trusted_rest_mappings: [{ kind: 'Probe', namespaced: true }],
  });
  expect(declaration.repair?.repair_procedures[0]?.repair_operations[0]?.repair_steps[0]).toMatchObject({
    need_drain: true,
    watch_seconds: 60,
  });
  expect(declaration.options).toMatchObject({
    etcd: { volume_name: 'etcd-cke', extra_args: ['--heartbeat-interval=200', '--election-timeout=2000'] },
    rivers: { extra_args: ['--check-interval=10s'] },
    'etcd-rivers': { extra_env: { TZ: 'UTC' } },
    'kube-api': { audit_log_path: '/var/log/audit/audit.log', extra_binds: [{ selinux_label: 'z' }] },
    'kube-scheduler': { config: { podMaxBackoffSeconds: 100 } },
    'kube-proxy': { config: { mode: 'iptables' } },
    kubelet: { config: { maxPods: 200 }, boot_taints: [{ key: 'my.taint/boot' }], in_place_update: true },
  });
});
