import type { ApprovalRecord } from '../../../activities/store/approvals.ts';
import type { Authority } from '../../../cluster/certificates/certificate.ts';
import { pluginAuthority } from '../../../cluster/certificates/certificate.ts';
import { rotatables, type Rotatable } from '../../../cluster/certificates/trust.ts';

/** What the model knows beside hosts and containers once schedules are about certificates and keys. */
export interface Truth {
  vault: VaultTruth;
  /** Secrets in etcd by their keys below /registry/secrets/: what wrote them. */
  secrets: Map<string, StoredValue>;
  /** Tokens of service accounts that are in use, until a second of the model. */
  tokens: { key: string; until: number }[];
  /** What API servers encrypt with through the plugin, by the id of their container and its start. */
  dataKeys: Map<string, DataKey>;
  /** Version of the record of encryption in the management etcd. */
  recordVersion: number;
  answers: ApprovalRecord[];
  /** Second of the model up to which programs have lived. */
  livedUntil: number;
  /** Texts that people, history and logs get to see. */
  told: string[];
}

export interface VaultTruth {
  /** Names of issuers, and of pairs for tokens; the one that signs by default first. */
  issuers: Map<Rotatable | Authority, string[]>;
  /** Issuers of plugins' certificates that let one log in. */
  login: string[];
  keys: Set<string>;
  /** When its newest version was made, in seconds of the model. */
  transit: { latest: number; oldest: number; since: number };
  serial: number;
}

export type StoredValue =
  { provider: 'identity' } | { provider: 'secretbox' | 'aescbc'; key: string } | ({ provider: 'kms' } & DataKey);

/** A data key that an API server had wrapped: under the name of a version, by a version. */
export interface DataKey {
  named: number;
  wrappedBy: number;
}

export const firstKey = 'key-1';

/** A cluster whose Secrets are encrypted, and of which nothing was ever rotated. */
export function freshTruth(now: number): Truth {
  const names: (Rotatable | Authority)[] = [...rotatables, pluginAuthority];
  const firstIssuer = (of: Rotatable | Authority) => (of === 'service-account-signer' ? firstKey : 'root-1');
  const stored: StoredValue = { provider: 'secretbox', key: firstKey };
  return {
    vault: {
      issuers: new Map(names.map((of) => [of, [firstIssuer(of)]])),
      login: [firstIssuer(pluginAuthority)],
      keys: new Set([firstKey]),
      transit: { latest: 1, oldest: 1, since: 0 },
      serial: 0,
    },
    secrets: new Map(['default/a', 'default/b', 'kube-system/c', 'kube-system/d'].map((key) => [key, stored])),
    tokens: [],
    dataKeys: new Map(),
    recordVersion: 1,
    answers: [],
    livedUntil: now,
    told: [],
  };
}
