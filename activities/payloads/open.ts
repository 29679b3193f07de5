import type { PayloadCodec } from '@temporalio/common';
import { CkeError } from '../../cluster/errors.ts';
import type { Settings } from '../settings.ts';
import { namespaceSlug } from '../vault/paths.ts';
import type { Vault } from '../vault/vault.ts';
import { createPayloadCodec } from './codec.ts';
import { clustersWithCredentials, readKeyFile, writeKeyFile, type PayloadKeys } from './key-file.ts';
import { createPayloadKeyring } from './keyring.ts';

interface Opened {
  settings: Pick<Settings, 'temporal' | 'credentials_directory'>;
  vault: Pick<Vault, 'payloadKeys'>;
}

/** The codec of the namespace in the settings. Nothing is read before the first payload. */
export function openPayloadCodec({
  settings: { temporal, credentials_directory: directory },
  vault,
}: Opened): PayloadCodec {
  const place = { directory, namespace: namespaceSlug(temporal.namespace) };
  return createPayloadCodec(
    createPayloadKeyring({
      fromFile: () => readKeyFile(place),
      toFile: (keys) => writeKeyFile(place, keys),
      fromVault: () => askVault({ directory, namespace: temporal.namespace, vault }),
    }),
  );
}

/** Any cluster of the namespace may read them: the first one whose credentials Vault accepts is asked. */
async function askVault({
  directory,
  namespace,
  vault,
}: {
  directory: string;
  namespace: string;
  vault: Opened['vault'];
}) {
  let failure: CkeError | undefined;
  for (const cluster of await clustersWithCredentials(directory)) {
    try {
      const found: PayloadKeys | undefined = await vault.payloadKeys({ cluster, namespace });
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof CkeError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}
