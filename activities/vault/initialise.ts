import ssh2 from 'ssh2';
import { CkeError } from '../../cluster/errors.ts';
import { ensureAppRole, ensureCredentials } from './approle.ts';
import type { AppRoleAccess } from './approle.ts';
import { createVaultClient } from './client.ts';
import type { VaultClientOptions } from './client.ts';
import type { AppRoleCredentials } from './credentials.ts';
import { ensureGeneratedSecrets, storeSshKeys } from './first-secrets.ts';
import type { PayloadKeys } from '../payloads/key-file.ts';
import { importFromCke, type CkeImport } from './import-cke.ts';
import { ensureKmsAccess } from './kms-access.ts';
import { ensureMounts } from './mounts.ts';
import { ensurePayloadKeys } from './payload-keys.ts';
import { readSecret, sshSecret } from './secrets.ts';

export interface InitialiseOptions extends VaultClientOptions {
  cluster: string;
  /** Temporal's namespace, whose payloads are encrypted; `default` unless given. */
  namespace?: string;
  /** The operator's token, used here and kept nowhere. */
  token: string;
  /** Private key for the nodes' SSH login, PEM or OpenSSH, without a passphrase; keeps what is stored when absent. */
  sshPrivateKey?: string;
  /** Private keys for single nodes, by address. */
  sshPrivateKeysByAddress?: Readonly<Record<string, string>>;
  /** Networks of the control planes (CIDRs), for the provider `kms`; what was prepared for it stays when absent. */
  kmsFrom?: readonly string[];
  /** Once, where the cluster has been CKE's: its CAs and keys are taken over. */
  importCke?: CkeImport;
  /** What the worker's credential files hold now, if they exist. */
  credentials?: AppRoleCredentials | undefined;
}

export interface Initialised extends AppRoleAccess {
  /** What was done, in sentences for the operator; empty when all was there. */
  changes: string[];
  /** What goes to Temporal is encrypted with these. */
  payloadKeys: PayloadKeys;
}

/**
 * Prepares Vault for one cluster; safe to repeat and to interrupt: the AppRole method, six PKI mounts with roots, KV version 2,
 * policy and AppRole `cke-<cluster>`, SSH keys, the pair of service accounts, the first encryption key, and the namespace's key for payloads.
 * @throws CkeError VaultDenied when the token may not do it, InvalidRequest for a key that ssh2 cannot use, other Vault… codes
 */
export async function initialiseCluster(options: InitialiseOptions): Promise<Initialised> {
  const {
    cluster,
    token,
    sshPrivateKey,
    sshPrivateKeysByAddress,
    credentials,
    importCke,
    kmsFrom = [],
    namespace = 'default',
    ...connection
  } = options;
  const keys = { ...sshPrivateKeysByAddress, ...(sshPrivateKey === undefined ? {} : { default: sshPrivateKey }) };
  for (const [address, key] of Object.entries(keys)) demandUsableKey(address, key);
  const call = { client: createVaultClient(connection), token, cluster };
  try {
    const imported = importCke === undefined ? [] : await importFromCke(call, importCke);
    const mounted = await ensureMounts(call);
    const stored = [...(await storeSshKeys(call, keys)), ...(await ensureGeneratedSecrets(call))];
    const payloads = await ensurePayloadKeys({ client: call.client, token, namespace });
    const kms = kmsFrom.length === 0 ? [] : await ensureKmsAccess(call, kmsFrom);
    const allowed = await ensureAppRole({ ...call, namespace });
    const access = await ensureCredentials(call, credentials);
    const issued = access.secretId === 'new' ? [`made a secret-id for the AppRole cke-${cluster}`] : [];
    const made = payloads.done === 'written' ? [`made the first key for what goes to Temporal`] : [];
    return {
      ...access,
      changes: [...imported, ...mounted, ...stored, ...made, ...kms, ...allowed, ...issued],
      payloadKeys: payloads.keys,
    };
  } catch (error) {
    throw operatorsView(error);
  }
}

/** Whether Vault holds an SSH key for the cluster, seen with an operator's token: without one no node can be reached. */
export async function sshKeyState(
  options: VaultClientOptions & { cluster: string; token: string },
): Promise<'stored' | 'missing'> {
  const { cluster, token, ...connection } = options;
  const call = { client: createVaultClient(connection), token, cluster };
  try {
    return (await readSecret(call, { name: 'ssh', shape: sshSecret })) === undefined ? 'missing' : 'stored';
  } catch (error) {
    throw operatorsView(error);
  }
}

function demandUsableKey(address: string, key: string): void {
  const parsed = ssh2.utils.parseKey(key);
  const single = Array.isArray(parsed) ? parsed[0] : parsed;
  if (single !== undefined && !(single instanceof Error) && single.isPrivateKey()) return;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `the SSH private key for ${address === 'default' ? 'the nodes' : address} cannot be used`,
    got: single instanceof Error && /passphrase/.test(single.message) ? 'a key with a passphrase' : 'no private key',
    want: 'a private key without a passphrase: the worker logs in with it unattended',
    fix: "ssh-keygen -t ed25519 -N '' -f cke-key, and its .pub into authorized_keys of the nodes' user",
    remedy: 'never',
  });
}

/** Init is the cure of a worker that is denied; an operator who is denied needs another token. */
function operatorsView(error: unknown): unknown {
  if (!(error instanceof CkeError) || error.complaint.code !== 'VaultDenied') return error;
  return new CkeError({
    ...error.complaint,
    want: 'a token that may manage mounts, policies and AppRoles',
    fix: 'vault login as an operator, or set VAULT_TOKEN to such a token, and repeat the command',
  });
}
