import { randomBytes } from 'node:crypto';
import { payloadKeys, type PayloadKeys } from '../payloads/key-file.ts';
import type { VaultClient } from './client.ts';
import { demandVersions, readValue, updateValue } from './kv.ts';
import { payloadKeysPath } from './paths.ts';

/** `namespace` is Temporal's. */
export interface NamespaceCall {
  client: VaultClient;
  token: string;
  namespace: string;
}

/** Undefined before the first init. */
export async function readPayloadKeys({ namespace, ...call }: NamespaceCall): Promise<PayloadKeys | undefined> {
  return (await readValue({ ...call, path: payloadKeysPath(namespace), shape: payloadKeys }))?.value;
}

interface Ensured {
  keys: PayloadKeys;
  done: 'kept' | 'written';
}

/** With an operator's token: the keys of the namespace; the first one is made when there is none. */
export function ensurePayloadKeys(call: NamespaceCall): Promise<Ensured> {
  const fresh = newKey();
  return change(call, (present) => present ?? withKey(fresh, {}));
}

/** With an operator's token: from now on another key encrypts; the old ones stay for what is written. */
export function rotatePayloadKey(call: NamespaceCall): Promise<Ensured> {
  const fresh = newKey();
  return change(call, (present) => withKey(fresh, present?.keys ?? {}));
}

async function change(
  { namespace, ...call }: NamespaceCall,
  next: (present: PayloadKeys | undefined) => PayloadKeys,
): Promise<Ensured> {
  const at = { ...call, path: payloadKeysPath(namespace) };
  const { value, done } = await updateValue({ ...at, shape: payloadKeys, next: async (present) => next(present) });
  await demandVersions(at);
  return { keys: value, done };
}

interface NewKey {
  id: string;
  secret: string;
}

/** Ids are random: a key of a Vault that was lost must not be taken for one of its successor. */
function newKey(): NewKey {
  return { id: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('base64') };
}

function withKey({ id, secret }: NewKey, others: PayloadKeys['keys']): PayloadKeys {
  return { current: id, keys: { ...others, [id]: secret } };
}
