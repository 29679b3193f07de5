import type { Payload, PayloadCodec } from '@temporalio/common';
import type { PayloadKeyring } from './keyring.ts';
import { keyIdOf, seal, unseal } from './sealed.ts';

/**
 * Everything that goes to Temporal is encrypted with the current key; what comes back is decrypted with the key that it names, and passed
 * on as it is when it is in clear: older histories stay readable. Throws CkeError NotInitialised, Vault… when a key cannot be had.
 */
export function createPayloadCodec(keyring: PayloadKeyring): PayloadCodec {
  return {
    async encode(payloads) {
      if (payloads.length === 0) return [];
      const key = await keyring.current();
      return payloads.map((payload) => (keyIdOf(payload) === undefined ? seal(payload, key) : payload));
    },
    decode: (payloads) => Promise.all(payloads.map((payload) => decoded(keyring, payload))),
  };
}

async function decoded(keyring: PayloadKeyring, payload: Payload): Promise<Payload> {
  const id = keyIdOf(payload);
  return id === undefined ? payload : unseal(payload, await keyring.named(id));
}
