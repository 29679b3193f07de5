/** A Kubernetes label selector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** Limits on evictions that reboots and repairs share. No selector means: everything is protected. */
export interface EvictionLimits {
  eviction_timeout_seconds: number;
  evict_retries: number;
  evict_interval: number;
  protected_namespaces?: LabelSelector;
  protected_job_pods?: LabelSelector;
}

export interface Reboot extends EvictionLimits {
  /** argv; the node's address is appended. Empty: nothing is rebooted. */
  reboot_command: string[];
  /** argv; the node's address and the Unix time of the reboot are appended. Prints `true` when the node has booted. */
  boot_check_command: string[];
  max_concurrent_reboots: number;
  /** Per attempt; 0 = no limit. */
  command_timeout_seconds: number;
  command_retries: number;
  /** Seconds between attempts. */
  command_interval: number;
}

export interface RepairStep {
  repair_command: string[];
  /** 0 = no limit. */
  command_timeout_seconds: number;
  command_retries: number;
  command_interval: number;
  need_drain: boolean;
  watch_seconds: number;
}

export interface RepairOperation {
  operation: string;
  repair_steps: RepairStep[];
  health_check_command: string[];
  command_timeout_seconds: number;
  success_command: string[];
  success_command_timeout: number;
}

export interface RepairProcedure {
  machine_types: string[];
  repair_operations: RepairOperation[];
}

export interface Repair extends EvictionLimits {
  repair_procedures: RepairProcedure[];
  max_concurrent_repairs: number;
}

/** Where and how often etcd snapshots are kept. Exactly one of `directory` and `s3` is set. */
export interface EtcdBackup {
  /** Five cron fields, UTC. */
  schedule: string;
  /** How many snapshots are kept. */
  retention: number;
  directory?: string;
  s3?: S3Target;
}

export interface S3Target {
  endpoint: string;
  bucket: string;
  region: string;
  prefix: string;
  /** Name of the entry in the cluster's Vault KV that holds access_key_id and secret_access_key. */
  credentials_secret: string;
}

export interface Constraints {
  /** The number of control planes the declaration must have; by default the number it has. */
  control_plane_count: number;
  /** Percent. */
  minimum_workers_rate: number;
  maximum_unreachable_nodes_for_reboot: number;
  maximum_repair_queue_entries: number;
  wait_seconds_to_repair_rebooting: number;
}

/** What must wait for a person's yes. */
export type ApprovalReason =
  | 'control-plane-removal'
  | 'worker-removal'
  | 'data-loss'
  | 'outage'
  | 'version-upgrade'
  | 'certificate-authority-rotation'
  | 'reboot'
  | 'repair';

export interface Approvals {
  required_for: ApprovalReason[];
  expire_after_hours: number;
}

export type NotificationEvent =
  'blocked' | 'approval-needed' | 'crash-loop' | 'converged' | 'failed' | 'certificate-expiry';

/** Exactly one of `url` and `url_secret` is set; the latter names an entry in the cluster's Vault KV. */
export interface Webhook {
  name: string;
  url?: string;
  url_secret?: string;
  events: NotificationEvent[];
}

export interface Notifications {
  webhooks: Webhook[];
}

export interface UpdateStrategy {
  /** Nodes that one batch of rivers, kubelet or kube-proxy touches at the same time. */
  max_concurrent_updates: number;
  /** Nodes that are drained at the same time before their kubelet gets another version; 0: none is drained. */
  max_concurrent_drains: number;
  /** How long an API server stays up, withdrawn from the endpoints, before it is stopped. */
  api_server_drain_seconds: number;
  /** A majority of the control planes may be exchanged or taken out by one change. */
  rolling_replace: boolean;
}

export interface TrustedRestMapping {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  /** Plural, lower case. */
  resource: string;
  namespaced: boolean;
}
