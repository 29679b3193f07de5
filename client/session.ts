import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { loadSettings, settingsPath, type Settings } from '../activities/settings.ts';
import { createStore, type Store } from '../activities/store/store.ts';
import { readAppRoleCredentials, writeAppRoleCredentials } from '../activities/vault/credentials.ts';
import { createVault, type Vault } from '../activities/vault/vault.ts';
import { CkeError } from '../cluster/errors.ts';
import type { ConnectionOptions } from './options.ts';
import { connectTemporal } from './temporal.ts';

/** The manager's servers as one command needs them: each is connected to when it is first asked for. */
export interface Session {
  settings: Settings;
  temporal(): Promise<Client>;
  store(): Store;
  /** Vault with the AppRole of the worker: for what needs no operator's token. */
  vault(): Vault;
}

/** Runs one command and closes what it opened. */
export async function inSession<T>(
  { config }: ConnectionOptions,
  command: (session: Session) => Promise<T>,
): Promise<T> {
  const { session, close } = openSession(loadSettings(config ?? settingsPath()));
  try {
    return await command(session);
  } finally {
    await close();
  }
}

function openSession(settings: Settings): { session: Session; close: () => Promise<void> } {
  let client: Client | undefined;
  let store: Store | undefined;
  const session: Session = {
    settings,
    temporal: async () => (client ??= await connectTemporal(settings, openVault(settings))),
    store: () => (store ??= openStore(settings)),
    vault: () => openVault(settings),
  };
  const close = async () => {
    store?.close();
    await client?.connection.close();
  };
  return { session, close };
}

function openStore({ etcd }: Settings): Store {
  const credentials = { ca: pem(etcd.ca_file), certificate: pem(etcd.cert_file), privateKey: pem(etcd.key_file) };
  return createStore({ endpoints: etcd.endpoints, credentials });
}

export function openVault({ vault, credentials_directory: directory }: Settings): Vault {
  return createVault({
    addresses: vault.addresses,
    ...(vault.ca_file !== undefined && { caFile: vault.ca_file }),
    credentials: (cluster) => readAppRoleCredentials({ directory, cluster }),
    saveCredentials: (cluster, fresh) => writeAppRoleCredentials({ directory, cluster }, fresh),
  });
}

/** @throws CkeError SettingsInvalid when a file that the settings name cannot be read */
export function pem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CkeError({
      code: 'SettingsInvalid',
      message: `${path}: a file that the settings name cannot be read`,
      got: error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read',
      fix: 'correct the path in the settings, or run as the user who may read it',
      remedy: 'never',
    });
  }
}
