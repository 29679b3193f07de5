import { z } from 'zod';
import { readValue, updateValue } from './kv.ts';
import { resourceSecretPath } from './paths.ts';
import type { SecretCall } from './secrets.ts';

/** Which Secret of a user: both parts are names of Kubernetes. */
export interface SecretPlace {
  namespace: string;
  name: string;
}

/** What a Secret holds, in base64 as Kubernetes has it. */
const contentSchema = z.object({ data: z.record(z.string(), z.string()) });

/** Undefined when it was never stored. */
export async function readResourceSecret(
  { client, token, cluster }: SecretCall,
  place: SecretPlace,
): Promise<{ data: Record<string, string>; version: number } | undefined> {
  const path = resourceSecretPath(cluster, place);
  const found = await readValue({ client, token, path, shape: contentSchema });
  return found && { data: found.value.data, version: found.version };
}

/** Stores what a Secret holds, unless that is what stands there. Returns the version that has it. */
export async function writeResourceSecret(
  call: SecretCall,
  place: SecretPlace,
  data: Record<string, string>,
): Promise<number> {
  const { client, token, cluster } = call;
  const path = resourceSecretPath(cluster, place);
  await updateValue({ client, token, path, shape: contentSchema, next: async () => ({ data }) });
  return (await readResourceSecret(call, place))?.version ?? 0;
}

/** Deletes it with all its versions; one that is gone is fine. */
export async function removeResourceSecret({ client, token, cluster }: SecretCall, place: SecretPlace): Promise<void> {
  await client.remove({ path: resourceSecretPath(cluster, place).replace('/data/', '/metadata/'), token });
}
