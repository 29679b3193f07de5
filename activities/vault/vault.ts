import type { Cipher } from '../../cluster/encryption/cipher.ts';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import type { Rotatable } from '../../cluster/certificates/trust.ts';
import { readAuthorityBundle } from './authority.ts';
import { createVaultClient } from './client.ts';
import type { VaultClientOptions } from './client.ts';
import type { AppRoleCredentials } from './credentials.ts';
import { createIssue } from './issue.ts';
import type { IssuedPair, IssueRequest } from './issue.ts';
import { ensureEncryptionKey, readEncryptionConfiguration, readFirstCiphers } from './encryption-keys.ts';
import { ensureLoginTrust, loginDrift } from './kms-login.ts';
import { createLogin } from './login.ts';
import type { PayloadKeys } from '../payloads/key-file.ts';
import { readPayloadKeys } from './payload-keys.ts';
import { createRoles } from './roles.ts';
import { currentIssuer, prepareIssuer, retireIssuer } from './rotation.ts';
import {
  readBucketSecret,
  readNotificationSecrets,
  readRegistryLogin,
  readServiceAccountKeys,
  readSshPrivateKey,
  type BucketCredentials,
} from './secrets.ts';
import { readResourceSecret, removeResourceSecret, writeResourceSecret, type SecretPlace } from './resource-secrets.ts';
import { nowhereToSave, renewSecretId } from './secret-id.ts';
import type { RenewSecretId } from './secret-id.ts';
import { readSshKeys, type SshKeys } from './ssh-keys.ts';
import { tidyAuthority } from './tidy.ts';
import { dropVersionsBefore, ensureVersionAfter, readTransitKey, type TransitKey } from './transit.ts';

export interface VaultOptions extends VaultClientOptions {
  /** AppRole credentials of a cluster, asked for at each login. */
  credentials: (cluster: string) => Promise<AppRoleCredentials>;
  /** Keeps credentials that were exchanged. */
  saveCredentials?: (cluster: string, credentials: AppRoleCredentials) => Promise<void>;
}

/**
 * Vault as the worker sees it, with one AppRole per cluster. Every method throws CkeError VaultSealed, VaultUnreachable,
 * VaultDenied, VaultFailed, NotInitialised or SettingsInvalid. What these methods return never goes into a Temporal payload.
 */
export interface Vault {
  issue(asked: IssueRequest): Promise<IssuedPair>;
  /** PEM of CA certificates of the authority: of `issuers`, or of all, the one that signs first. */
  authorityBundle(asked: { cluster: string; authority: Authority; issuers?: readonly string[] }): Promise<string>;
  /** PEM pairs for service-account tokens, by name; the first one unless told. */
  serviceAccountKeys(asked: {
    cluster: string;
    names?: readonly string[];
  }): Promise<{ publicKey: string; privateKey: string }[]>;
  /** Name of the issuer (or of the pair for tokens) that signs while nothing is pinned. */
  currentIssuer(asked: { cluster: string; of: Rotatable }): Promise<string>;
  /** Makes an issuer of this name, or adopts it. Nothing trusts it yet. */
  prepareIssuer(asked: { cluster: string; of: Rotatable; name: string }): Promise<void>;
  /** Deletes an issuer and its key; one that is gone is fine. */
  retireIssuer(asked: { cluster: string; of: Rotatable; name: string; successor: string }): Promise<void>;
  /** YAML of the API server's `--encryption-provider-config`, with these ciphers, or as the cluster began. */
  encryptionConfiguration(asked: { cluster: string; ciphers?: readonly Cipher[] | undefined }): Promise<string>;
  /** Names of the ciphers that the cluster began with. */
  firstCiphers(asked: { cluster: string }): Promise<Cipher[]>;
  /** Makes an encryption key unless there is one of this name. */
  ensureEncryptionKey(asked: { cluster: string; key: string }): Promise<void>;
  /** Which versions the key has that wraps data keys. Never the key, nor what it wraps. */
  transitKey(asked: { cluster: string }): Promise<TransitKey>;
  /** Why the login of vault-kms does not believe exactly these issuers, or all that there are; undefined when it does. */
  kmsLoginDrift(asked: { cluster: string; issuers?: readonly string[] }): Promise<string | undefined>;
  /** Has that login believe exactly these issuers. */
  ensureKmsLoginTrust(asked: { cluster: string; issuers: readonly string[] }): Promise<void>;
  /** Makes a version of it unless there is one that is newer; returns the newest. */
  ensureTransitVersionAfter(asked: { cluster: string; than: number }): Promise<number>;
  /** Has Vault unwrap nothing any more that a version before this one has wrapped. */
  dropTransitVersionsBefore(asked: { cluster: string; version: number }): Promise<void>;
  /** The private key for the SSH login at an address. */
  sshPrivateKey(asked: { cluster: string; address: string }): Promise<string>;
  /** The common key for the SSH login, those that come and go while it is exchanged, and who has another. */
  sshKeys(asked: { cluster: string }): Promise<SshKeys>;
  /** `signing_key`, and addresses of webhooks by entry; empty when nothing was stored. */
  notificationSecrets(asked: { cluster: string }): Promise<Record<string, string>>;
  /** The login of a private registry. Throws CkeError RegistryRefused when Vault has none of this name. */
  registryLogin(asked: { cluster: string; entry: string }): Promise<{ username: string; password: string }>;
  /** What opens the bucket for backups. */
  bucketCredentials(asked: { cluster: string; entry: string }): Promise<BucketCredentials>;
  /** What a user's Secret holds, in base64, and its version; undefined when it was never stored. */
  resourceSecret(
    asked: { cluster: string } & SecretPlace,
  ): Promise<{ data: Record<string, string>; version: number } | undefined>;
  /** Stores what a user's Secret holds; returns the version that has it. */
  storeResourceSecret(asked: { cluster: string; data: Record<string, string> } & SecretPlace): Promise<number>;
  removeResourceSecret(asked: { cluster: string } & SecretPlace): Promise<void>;
  /** What payloads of a Temporal namespace are encrypted with; undefined before the first init. */
  payloadKeys(asked: { cluster: string; namespace: string }): Promise<PayloadKeys | undefined>;
  /** Has Vault drop expired certificates of an authority. */
  tidy(asked: { cluster: string; authority: Authority }): Promise<void>;
  /** Exchanges what this machine logs in with. */
  renewSecretId(asked: { cluster: string; when: RenewSecretId['when'] }): Promise<'kept' | 'renewed'>;
}

/** Connects lazily; throws CkeError SettingsInvalid for addresses or a CA file that cannot be used. */
export function createVault({ credentials, saveCredentials = nowhereToSave, ...options }: VaultOptions): Vault {
  const client = createVaultClient(options);
  const withToken = createLogin({ client, credentials });
  return {
    issue: createIssue({ client, withToken, roles: createRoles(client) }),
    authorityBundle: ({ cluster, authority, issuers }) =>
      withToken(cluster, (token) => readAuthorityBundle({ client, token, cluster, authority }, issuers)),
    serviceAccountKeys: ({ cluster, names }) =>
      withToken(cluster, (token) => readServiceAccountKeys({ client, token, cluster }, names)),
    currentIssuer: ({ cluster, of }) => withToken(cluster, (token) => currentIssuer({ client, token, cluster, of })),
    prepareIssuer: ({ cluster, of, name }) =>
      withToken(cluster, (token) => prepareIssuer({ client, token, cluster, of }, name)),
    retireIssuer: ({ cluster, of, ...retirement }) =>
      withToken(cluster, (token) => retireIssuer({ client, token, cluster, of }, retirement)),
    encryptionConfiguration: ({ cluster, ciphers }) =>
      withToken(cluster, (token) => readEncryptionConfiguration({ client, token, cluster }, ciphers)),
    firstCiphers: ({ cluster }) => withToken(cluster, (token) => readFirstCiphers({ client, token, cluster })),
    ensureEncryptionKey: ({ cluster, key }) =>
      withToken(cluster, (token) => ensureEncryptionKey({ client, token, cluster }, key)),
    transitKey: ({ cluster }) => withToken(cluster, (token) => readTransitKey({ client, token, cluster })),
    kmsLoginDrift: ({ cluster, issuers }) =>
      withToken(cluster, (token) => loginDrift({ client, token, cluster }, issuers)),
    ensureKmsLoginTrust: ({ cluster, issuers }) =>
      withToken(cluster, (token) => ensureLoginTrust({ client, token, cluster }, issuers)),
    ensureTransitVersionAfter: ({ cluster, than }) =>
      withToken(cluster, (token) => ensureVersionAfter({ client, token, cluster }, than)),
    dropTransitVersionsBefore: ({ cluster, version }) =>
      withToken(cluster, (token) => dropVersionsBefore({ client, token, cluster }, version)),
    notificationSecrets: ({ cluster }) =>
      withToken(cluster, (token) => readNotificationSecrets({ client, token, cluster })),
    registryLogin: ({ cluster, entry }) =>
      withToken(cluster, (token) => readRegistryLogin({ client, token, cluster }, entry)),
    bucketCredentials: ({ cluster, entry }) =>
      withToken(cluster, (token) => readBucketSecret({ client, token, cluster }, entry)),
    resourceSecret: ({ cluster, ...place }) =>
      withToken(cluster, (token) => readResourceSecret({ client, token, cluster }, place)),
    storeResourceSecret: ({ cluster, data, ...place }) =>
      withToken(cluster, (token) => writeResourceSecret({ client, token, cluster }, place, data)),
    removeResourceSecret: ({ cluster, ...place }) =>
      withToken(cluster, (token) => removeResourceSecret({ client, token, cluster }, place)),
    payloadKeys: ({ cluster, namespace }) =>
      withToken(cluster, (token) => readPayloadKeys({ client, token, namespace })),
    tidy: ({ cluster, authority }) =>
      withToken(cluster, (token) => tidyAuthority({ client, token, cluster, authority })),
    renewSecretId: ({ cluster, when }) =>
      withToken(cluster, async (token) => {
        const save = (fresh: AppRoleCredentials) => saveCredentials(cluster, fresh);
        return renewSecretId({ client, token, cluster, credentials: await credentials(cluster), save, when });
      }),
    sshKeys: ({ cluster }) => withToken(cluster, (token) => readSshKeys({ client, token, cluster })),
    sshPrivateKey: ({ cluster, address }) =>
      withToken(cluster, (token) => readSshPrivateKey({ client, token, cluster }, address)),
  };
}
