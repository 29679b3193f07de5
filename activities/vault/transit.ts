import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import { transitKeyPath } from './paths.ts';
import type { SecretCall } from './secrets.ts';

/** Which versions of the key that wraps data keys there are. */
export interface TransitKey {
  latest: number;
  /** What older ones have wrapped is not unwrapped any more. */
  oldest: number;
}

const storedKey = z.object({
  data: z.object({
    type: z.string(),
    latest_version: z.int(),
    min_decryption_version: z.int(),
    supports_encryption: z.boolean(),
    supports_decryption: z.boolean(),
  }),
});

/** @throws CkeError NotInitialised when `cke-client init` was never told to make it, VaultFailed when it is of a type that wraps nothing */
export async function readTransitKey({ client, token, cluster }: SecretCall): Promise<TransitKey> {
  const whenRefused = kmsNotPrepared(cluster);
  const stored = await client.read({ path: transitKeyPath(cluster), token, shape: storedKey, whenRefused });
  if (stored === undefined) throw new CkeError(whenRefused);
  const { type, latest_version: latest, min_decryption_version: oldest, ...supports } = stored.data;
  if (!supports.supports_encryption || !supports.supports_decryption) throw wrongType(cluster, type);
  return { latest, oldest };
}

/** Init adopts a key of this name that somebody has made. */
function wrongType(cluster: string, type: string): CkeError {
  return new CkeError({
    code: 'VaultFailed',
    message: `${cluster}: the transit key can neither wrap nor unwrap`,
    got: `${transitKeyPath(cluster)} of type ${type}`,
    want: 'type aes256-gcm96',
    fix: `no Secret can have been written with it: have an operator delete it, then: cke-client init ${cluster} --kms-from CIDR`,
    remedy: 'never',
  });
}

/** Gives the key a new version unless it has one that is newer than `than`. Returns the newest. */
export async function ensureVersionAfter(call: SecretCall, than: number): Promise<number> {
  const before = await readTransitKey(call);
  if (before.latest > than) return before.latest;
  const { client, token, cluster } = call;
  await client.write({ path: transitKeyPath(cluster, 'rotate'), token, body: {}, shape: z.unknown() });
  return (await readTransitKey(call)).latest;
}

/** Gives up the versions before this one: Vault keeps them, and unwraps nothing with them until an operator says otherwise. */
export async function dropVersionsBefore(call: SecretCall, version: number): Promise<void> {
  const { client, token, cluster } = call;
  if ((await readTransitKey(call)).oldest >= version) return;
  const body = { min_decryption_version: version };
  await client.write({ path: transitKeyPath(cluster, 'config'), token, body, shape: z.unknown() });
}

/** What only `cke-client init --kms-from` makes is not there. */
export function kmsNotPrepared(cluster: string) {
  return {
    code: 'NotInitialised',
    message: `${cluster}: Vault is not prepared for the provider kms`,
    want: `${transitKeyPath(cluster)}, and a login for vault-kms`,
    fix: `cke-client init ${cluster} --kms-from CIDR, for each network that the control planes are in`,
    remedy: 'never',
  } as const;
}
