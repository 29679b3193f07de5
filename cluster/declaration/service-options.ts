/** Values of JSON, as component configuration documents hold them. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A partial configuration document of a component (KubeletConfiguration and the like), merged over our defaults. */
export interface ConfigDocument {
  apiVersion: string;
  kind: string;
  [field: string]: Json;
}

export type MountPropagation = 'shared' | 'slave' | 'private' | 'rshared' | 'rslave' | 'rprivate';

/** A bind mount that a user adds to a component. Both paths are absolute and clean. */
export interface Mount {
  source: string;
  destination: string;
  read_only: boolean;
  propagation?: MountPropagation;
  selinux_label?: 'z' | 'Z';
}

/** What a user may add to any component. `extra_args` holds one `--name=value` per entry, in the order given. */
export interface ServiceParams {
  extra_args: string[];
  extra_binds: Mount[];
  extra_env: Record<string, string>;
}

export interface EtcdOptions extends ServiceParams {
  /** Prefix of the host directories (or the Docker volume, in CKE) that hold etcd's data. */
  volume_name: string;
}

export interface KubeApiOptions extends ServiceParams {
  audit_log_enabled: boolean;
  /** YAML text of an audit.k8s.io/v1 Policy; empty when auditing is off. */
  audit_log_policy: string;
  /** A path, or `-` for standard output. */
  audit_log_path: string;
}

export interface KubeSchedulerOptions extends ServiceParams {
  config?: ConfigDocument;
}

export interface KubeProxyOptions extends ServiceParams {
  disable: boolean;
  config?: ConfigDocument;
}

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

export interface Taint {
  key: string;
  value: string;
  effect: TaintEffect;
}

/** A file for /etc/cni/net.d. `$POD_CIDR` in the content is replaced by the node's pod CIDR. */
export interface CniConfFile {
  name: string;
  content: string;
}

export interface KubeletOptions extends ServiceParams {
  boot_taints: Taint[];
  cni_conf_file?: CniConfFile;
  config?: ConfigDocument;
  /** Path of the CRI socket, or a `unix://` URL, as declared. */
  cri_endpoint: string;
  /** Whether a running but outdated kubelet is restarted. Default true (CKE's default was false). */
  in_place_update: boolean;
}

/** Options by component, under the keys of cluster.yaml. */
export interface Options {
  etcd: EtcdOptions;
  rivers: ServiceParams;
  'etcd-rivers': EtcdRiversOptions;
  'kube-api': KubeApiOptions;
  'vault-kms': ServiceParams;
  'kube-controller-manager': ServiceParams;
  'kube-scheduler': KubeSchedulerOptions;
  'kube-proxy': KubeProxyOptions;
  kubelet: KubeletOptions;
}

export interface EtcdRiversOptions extends ServiceParams {
  /** Whether workers run etcd-rivers, too (CKE: control planes only). */
  on_workers: boolean;
}
