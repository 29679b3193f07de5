import type { EtcdUser } from '../../cluster/etcd/user.ts';

/** Applications' access to the cluster's own etcd. */
export interface EtcdUserActivities {
  ensureEtcdUser(input: { cluster: string } & EtcdUser): Promise<void>;
}

/** One server's part of another SSH key. Which keys are meant follows from what Vault has: none travels. */
export interface SshKeyActivities {
  /** Names of the nodes, and of the bastion, that the common key opens, and of those that have a key of their own. */
  serversOfSshKey(input: { cluster: string }): Promise<{ servers: string[]; own: string[] }>;
  /** Adds the new key, and sees it open the server. */
  authoriseNextKey(input: { cluster: string; node: string }): Promise<void>;
  /** Takes the old key out, and sees it refused; not where the new one does not open the server. */
  withdrawPreviousKey(input: { cluster: string; node: string }): Promise<void>;
}

/** What became of one server. */
export type ServerOutcome =
  { server: string; state: 'done' | 'has a key of its own' } | { server: string; state: 'failed'; because: string };
