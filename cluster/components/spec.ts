import type { Authority, CertificateRequest } from '../certificates/certificate.ts';
import type { PrivateRegistry } from '../declaration/private-registries.ts';
import type { Cipher } from '../encryption/cipher.ts';
import { canonicalJson } from '../canonical.ts';
import { memoByIdentity } from '../memo.ts';
import type { Component } from './component.ts';

/** A bind mount. A `required` source makes Docker refuse to start when it is missing (rule W-06); others are created. */
export interface BindMount {
  source: string;
  destination: string;
  access: 'ro' | 'rw';
  propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';
  /** How Docker relabels the source where SELinux enforces: shared (`z`) or for this container alone (`Z`). */
  selinux_label?: 'z' | 'Z';
  source_kind: 'created' | 'required';
}

/** How the container of a component is run. Host network and UTS namespace, read-only root and log rotation are the same for all. */
export interface ContainerSpec {
  image: string;
  /** The binary and its arguments, one `--key=value` each. */
  command: string[];
  env: Record<string, string>;
  mounts: BindMount[];
  tmpfs: string[];
  privilege: 'none' | 'privileged';
  pid: 'container' | 'host';
  restart: 'always' | 'no';
  /** Seconds between SIGTERM and SIGKILL. */
  stop_seconds: number;
}

/**
 * One file of a component's file set. Secret contents are named, not contained: the activity that installs the set
 * has Vault issue or return them, so that nothing secret reaches a digest, a label or a Temporal payload.
 */
export type FileSpec = { path: string; mode: '0600' | '0644' } & FileContent;

export type FileContent =
  | { content: 'text'; text: string }
  /** PEM certificate; the key of the same request is the file with `private-key`. */
  | { content: 'certificate'; certificate: CertificateRequest }
  | { content: 'private-key'; certificate: CertificateRequest }
  /** PEM bundle of an authority's CA certificates: of `issuers`, or of all that Vault has. */
  | { content: 'authority'; authority: Authority; issuers?: string[] }
  /** kubeconfig for `server`, with the CA and a client certificate of `certificate` embedded. */
  | { content: 'kubeconfig'; cluster: string; server: string; certificate: CertificateRequest; issuers?: string[] }
  /** What signs (one key) and verifies service-account tokens, the same on all control planes: pairs by name. */
  | { content: 'service-account'; part: 'public' | 'private'; keys?: string[]; insteadOf?: string }
  /** Docker's config.json with the logins of registries, which the kubelet has containerd pull with. */
  | { content: 'registry-logins'; registries: PrivateRegistry[] }
  /** Kubernetes EncryptionConfiguration with the keys of these names, or with those that Vault has held from the beginning. */
  | { content: 'encryption-configuration'; ciphers?: Cipher[] };

/**
 * What one component must be on one node: pure, secret-free data whose canonical JSON is drift's measure and stands in
 * the container's label. `root` is the host directory below which all its files lie; the set is switched atomically.
 */
export interface ComponentSpec {
  component: Component;
  container: ContainerSpec;
  root: '/etc/kubernetes' | '/etc/etcd' | '/etc/rivers';
  files: FileSpec[];
}

/** The text that stands in the label of a container with this spec. Specs are never changed once they are made. */
export const specText: (spec: ComponentSpec) => string = memoByIdentity(canonicalJson);
