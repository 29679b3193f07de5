import type { Addon } from './addons.ts';
import type { Pool } from './pools.ts';
import type { PrivateRegistry } from './private-registries.ts';
import type { ClusterTrust, PodPolicy } from '../certificates/trust.ts';
import type { EncryptionProvider } from '../encryption/cipher.ts';
import type { ImageName } from './images.ts';
import type {
  Approvals,
  Constraints,
  EtcdBackup,
  Notifications,
  Reboot,
  Repair,
  TrustedRestMapping,
  UpdateStrategy,
} from './maintenance.ts';
import type { Options, Taint } from './service-options.ts';

/**
 * cluster.yaml, validated and normalised: every default is filled in, addresses and subnets are canonical.
 * Field names are those of the file. `parseDeclaration` makes it; workflow code may import this type.
 */
export interface Declaration {
  apiVersion?: 'cke/v1';
  name: string;
  /** Exact version without a leading v: `1.34.4`. */
  kubernetes_version: string;
  nodes: NodeDeclaration[];
  taint_control_plane: boolean;
  control_plane_tolerations: string[];
  /** CIDR. Its first address (base + 1) is the API's: see `apiServiceAddress`. */
  service_subnet: string;
  /** CIDR that the controller-manager cuts node CIDRs from; absent when the network plug-in has its own. */
  pod_subnet?: string;
  /** Prefix length of one node's share of `pod_subnet`. */
  node_cidr_mask_size: number;
  /** Upstream resolvers of cluster DNS. */
  dns_servers: string[];
  /** `namespace/name` of a Service whose cluster IP replaces `dns_servers`. */
  dns_service?: string;
  /** Whether the DNS cache of every node has an exporter beside it. */
  dns_exporter: boolean;
  /** Cluster IP of the cluster's own DNS Service; base + 10 unless declared. */
  cluster_dns_address: string;
  options: Options;
  pools: Pool[];
  /** Every image reference, mirror and overrides applied. */
  images: Record<ImageName, string>;
  /** Who asks for a login before it gives an image. */
  private_registries: PrivateRegistry[];
  ssh: SshDefaults;
  reconcile: Reconcile;
  certificates: Certificates;
  ca_rotation: CaRotation;
  /** Absent: as it is, and secretbox for a new cluster. */
  secrets_encryption?: SecretsEncryption;
  constraints: Constraints;
  approvals: Approvals;
  notifications: Notifications;
  update_strategy: UpdateStrategy;
  addons: Addon[];
  trusted_rest_mappings: TrustedRestMapping[];
  reboot?: Reboot;
  repair?: Repair;
  etcd_backup?: EtcdBackup;
  sabakan?: Sabakan;
  /** Not the file's: which CAs count, as stored with the revision. Absent until one was rotated. */
  trust?: ClusterTrust;
}

export interface NodeDeclaration {
  /** The Kubernetes node name: `hostname`, or the address without one. */
  name: string;
  address: string;
  hostname?: string;
  /** SSH user, member of the docker group. */
  user: string;
  control_plane: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: Taint[];
  /** Its pool, whose labels and taints stand above already; what else holds here says `optionsOf`. */
  pool?: string;
  ssh: NodeSsh;
}

export interface NodeSsh {
  port: number;
  /** `SHA256:…` fingerprint or an OpenSSH public key line; absent: pinned on first contact. */
  host_key?: string;
}

export interface SshDefaults {
  port: number;
  bastion?: Bastion;
  /** Absolute or below the home directory; `%u` is the user. */
  authorized_keys_file: string;
}

export interface Bastion {
  address: string;
  port: number;
  user: string;
  host_key?: string;
}

export interface Reconcile {
  interval_seconds: number;
  /** How often a look compares the files on a node with what was installed. */
  file_check_seconds: number;
}

export interface Certificates {
  lifetime_hours: number;
  renew_before_hours: number;
}

export interface CaRotation {
  /** How long the old key still verifies tokens after the new one signs them. */
  token_overlap_hours: number;
  /** What happens to pods that began before a new CA was published to them. */
  pods: PodPolicy;
}

export interface SecretsEncryption {
  provider: EncryptionProvider;
  /** How control planes reach Vault's transit engine; with the provider `kms`, and with no other. */
  vault?: KmsVault;
}

export interface KmsVault {
  /** `https://host:port`. */
  address: string;
  /** PEM of the CA that verifies it; the system's CAs of the image when absent. */
  ca?: string;
}

export interface Sabakan {
  spare_node_taint_key: string;
}
