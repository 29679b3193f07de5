import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { VaultClient } from './client.ts';

/** One value in KV version 2. */
export interface ValueCall<T> {
  client: VaultClient;
  token: string;
  /** API path of its latest version, `MOUNT/data/NAME`. */
  path: string;
  shape: z.ZodType<T>;
}

const attempts = 20;

/** A value's latest version and its number; undefined when it was never written or is deleted. */
export async function readValue<T>(call: ValueCall<T>): Promise<{ value: T; version: number } | undefined> {
  const { client, token, path, shape } = call;
  const stored = z.object({ data: z.object({ data: shape, metadata: z.object({ version: z.number() }) }) });
  const answer = await client.read({ path, token, shape: stored });
  return answer === undefined ? undefined : { value: answer.data.data, version: answer.data.metadata.version };
}

/**
 * Brings a value to what `next` makes of the present one, by check-and-set on its version. Returns `kept` when it already has it. A fresh
 * mount refuses writes for a moment, and somebody else may win the race: both end in a new try.
 */
export async function updateValue<T extends Record<string, unknown>>(
  call: ValueCall<T> & { next: (present: T | undefined) => Promise<T> },
): Promise<{ value: T; done: 'kept' | 'written' }> {
  const { client, token, path, next } = call;
  for (let attempt = 1; ; attempt++) {
    try {
      const present = await readValue(call);
      const value = await next(present?.value);
      if (present !== undefined && canonicalJson(present.value) === canonicalJson(value))
        return { value, done: 'kept' };
      const body = { options: { cas: present?.version ?? 0 }, data: value };
      await client.write({ path, token, body, shape: z.unknown() });
      return { value, done: 'written' };
    } catch (error) {
      const mayPass = error instanceof CkeError && error.complaint.code === 'VaultFailed' && attempt < attempts;
      if (!mayPass) throw error;
      await sleep(200);
    }
  }
}

/** From now on Vault refuses to write a value without its version. With an operator's token. */
export async function demandVersions({ client, token, path }: Omit<ValueCall<unknown>, 'shape'>): Promise<void> {
  const at = path.replace('/data/', '/metadata/');
  const shape = z.object({ data: z.object({ cas_required: z.boolean() }) });
  if ((await client.read({ path: at, token, shape }))?.data.cas_required === true) return;
  await client.write({ path: at, token, body: { cas_required: true }, shape: z.unknown() });
}
