import type { IssuedCertificate } from './certificates/certificate.ts';
import type { Rotation } from './certificates/expiry.ts';
import type { Component } from './components/component.ts';
import type { EncryptionRecord } from './encryption/key-change.ts';
import type { ErrorCode } from './errors.ts';
import type { Endpoints } from './resources/endpoint-slice.ts';
import type { ResourceFindings } from './resources/user/findings.ts';
import type { NodeDeclaration } from './declaration/declaration.ts';
import type { Taint } from './declaration/service-options.ts';
import type { DnsHealth } from './resources/built-in/dns-health.ts';

/** What one look at a cluster returned. Three-valued throughout: what could not be seen is said to be unknown, never left out. */
export interface Observation {
  /** When the look began, RFC 3339. */
  at: string;
  /** By node name; every declared node has an entry. */
  nodes: Record<string, NodeObservation>;
  etcd: EtcdObservation;
  kubernetes: KubernetesObservation;
  /** Facts of the management etcd. */
  records: ClusterRecords;
  /** Nodes that were prepared once and are not declared any more, by name; absent when there are none. */
  departing?: Record<string, DepartingNode>;
}

/** A node that has left the declaration: as it was declared when it was prepared last, and as it is seen now. */
export interface DepartingNode {
  node: NodeDeclaration;
  seen: NodeObservation;
}

export type NodeObservation = UnreachableNode | ObservedNode;

export interface UnreachableNode {
  state: 'unreachable';
  code: ErrorCode;
  /** The sentence an operator reads, with its cure. */
  because: string;
}

export interface ObservedNode {
  state: 'observed';
  /** Our containers, by component; a missing key means there is none. */
  containers: Partial<Record<Component, ContainerObservation>>;
  /** What preflight found lacking; `unknown` until it was run on a node that has no containers of ours yet. */
  preflight: 'unknown' | 'passed' | string[];
  /** State of the data directory of this node's current etcd membership (only looked at where etcd is not in sync). */
  etcdDirectory: 'unknown' | 'absent' | 'empty' | 'intact';
  /** What was found to be wrong with installed files at the last check, as a sentence for each component; absent: nothing. */
  damage?: Partial<Record<Component, string>>;
}

export interface ContainerObservation {
  id: string;
  state: 'created' | 'running' | 'restarting' | 'exited' | 'paused' | 'dead' | 'removing';
  /** Seconds since it was started, when running. */
  upSeconds: number;
  /** Canonical JSON of the ComponentSpec that it was made from (label); undefined when it is not ours. */
  spec?: string;
  /** Fencing epoch of the operation that made it (label). */
  epoch: number;
  certificates: IssuedCertificate[];
  health: Health;
  /** Restarts by the engine since it was created: looked up only where it is not running steadily. */
  restarts?: number;
  exitCode?: number;
  /** Last log lines, where it is not running steadily. */
  lastLog?: string[];
}

export type Health =
  { state: 'healthy' } | { state: 'unhealthy'; because: string } | { state: 'unknown'; because: string };

export type EtcdObservation =
  | { state: 'unobservable'; because: string }
  | {
      state: 'observed';
      clusterId: string;
      members: EtcdMember[];
      /** `enabled`, `disabled`, or not known. */
      authentication: 'enabled' | 'disabled' | 'unknown';
    };

/** A member as two sources see it: the member list, and a probe of that member alone. Ids are decimal strings (they exceed 2^53). */
export interface EtcdMember {
  id: string;
  /** Empty while it was added but never started. */
  name: string;
  peerUrls: string[];
  role: 'voter' | 'learner';
  /** Declared node whose address its peer URL has. */
  node?: string;
  sync: 'synced' | 'unsynced' | 'unknown';
  because?: string;
  leader: 'leader' | 'follower' | 'unknown';
  version?: string;
  /** Applied raft index of the member. */
  appliedIndex?: string;
  /** For how many seconds it has been in sync (or not), without a break that was seen and with the same voters beside it. */
  sinceSeconds?: number;
  alarms: string[];
}

export type KubernetesObservation =
  | { state: 'unobservable'; because: string }
  | {
      state: 'observed';
      nodes: KubernetesNode[];
      /** Addresses behind the Service default/kubernetes. */
      apiEndpoints: Endpoints;
      /** Addresses behind the Service kube-system/cke-etcd; absent where they were not looked at. */
      etcdEndpoints?: Endpoints;
      /** Built-in objects that are missing or differ, by `kind/namespace/name`, with the reason. */
      outdatedObjects: { key: string; because: string }[];
      /** Objects of users; absent where there are none. */
      resources?: ResourceFindings;
      /** How much of cluster DNS serves; absent where it was not looked at. */
      dns?: DnsHealth;
      /** Pods that have to go, by the names of nodes that leave or are being drained. */
      podsToEvict?: Record<string, string[]>;
    };

export interface KubernetesNode {
  name: string;
  ready: 'true' | 'false' | 'unknown';
  /** RFC 3339: since when it is, or is not; absent before its kubelet has said anything. */
  readySince?: string;
  /** The kubelet's own words about its Ready condition. */
  readyMessage: string;
  schedulable: 'yes' | 'no';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: Taint[];
  podCidr?: string;
  kubeletVersion: string;
}

/** What the management etcd knows about a cluster, beside its declarations. */
export interface ClusterRecords {
  etcd: EtcdRecord;
  /** Node attributes that we set and therefore may remove, by node name. */
  ownedAttributes: Record<string, OwnedAttributes>;
  /** Text of the CNI configuration that was installed, by node name. */
  cniConfigurations: Record<string, string>;
  /** Nodes that were prepared, and how they are reached: also those that are not declared any more. Absent: not kept track of. */
  nodes?: Record<string, EnrolledNode>;
  /** Drains that have begun, by node name. */
  drains?: Record<string, DrainRecord>;
  /** Nodes that somebody works on, by name: reconcile leaves them alone. */
  leases?: Record<string, NodeLease>;
  /** With what Secrets are encrypted; absent for a cluster that was born without such a record. */
  encryption?: EncryptionRecord;
  /** What people have asked for; absent: nobody has. */
  rotations?: Rotation[];
  /** Certificates that a running container was seen to have taken up, by component and node. */
  takenUp?: Partial<Record<Component, Record<string, TakenUp>>>;
}

/** Newer than those that the container's label tells of, which are the ones that it was started with. */
export interface TakenUp {
  containerId: string;
  certificates: IssuedCertificate[];
}

/** What is needed to reach a node, and to clean it, after it has left the declaration. */
export type EnrolledNode = Pick<NodeDeclaration, 'address' | 'user' | 'control_plane' | 'ssh'>;

/** A node is in somebody's hands: a person's, or those of a workflow that reboots or repairs it. */
export interface NodeLease {
  holder: string;
  because: string;
  /** RFC 3339. */
  at: string;
}

export interface DrainRecord {
  /** Whether the node took pods before; it does not again when a person had cordoned it. */
  before?: 'schedulable' | 'cordoned';
  /** When it began, RFC 3339. */
  since: string;
  /** When pods were asked to go last, RFC 3339. */
  at: string;
  /** Pods that could not be evicted then, with the API server's reason. */
  refused: { pod: string; because: string }[];
}

/** The bootstrap of a cluster's etcd: `started` holds from the moment the token was made until every member was in sync. */
export type EtcdRecord =
  | { state: 'never' }
  | {
      state: 'started' | 'done';
      token: string;
      memberships: Record<string, Membership>;
      /** Where the cluster that starts, or has started, was born from a snapshot: the latest time. */
      restore?: EtcdRestore;
    };

/** A person's order to have etcd begin anew with the data of a snapshot. */
export interface EtcdRestore {
  /** `machine:/path` of the snapshot: on the worker's machine. */
  place: string;
  /** SHA-256 of the file, hexadecimal: no two nodes get different data. */
  digest: string;
  by: string;
  /** RFC 3339. */
  at: string;
  /** Directories of before, by node: they stay where they are (W-09). */
  before: Record<string, string>;
}

/** One membership of a node: its data directory is new for each and is named after it. */
export interface Membership {
  /** Directory below /var/lib/<volume_name>, e.g. `m-3f9c2a`. */
  directory: string;
  memberId?: string;
  /** `removed`: no member any more; its container and its directory may still stand on the node. */
  state: 'first-start' | 'settled' | 'removed';
}

export interface OwnedAttributes {
  labels: string[];
  annotations: string[];
  taints: string[];
}
