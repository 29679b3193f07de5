import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { createPayloadCodec } from './codec.ts';
import type { PayloadKeys } from './key-file.ts';
import { createPayloadKeyring } from './keyring.ts';

const key = (letter: string) => Buffer.alloc(32, letter).toString('base64');
const secret = { node: 'cp-1', text: 'canary-3f9c2a' };
const payload = (): Payload => defaultPayloadConverter.toPayload(secret) ?? {};
const clear = (one: Payload | undefined) => defaultPayloadConverter.fromPayload(one ?? {});

/** A machine with a file, and a Vault that may be away. */
const world: { file: PayloadKeys | undefined; vault: PayloadKeys | 'sealed' | undefined; asked: number } = {
  file: undefined,
  vault: undefined,
  asked: 0,
};
let clock = 0;

function machine() {
  return createPayloadCodec(
    createPayloadKeyring({
      fromFile: async () => world.file,
      toFile: async (keys) => void (world.file = keys),
      fromVault: async () => {
        world.asked += 1;
        if (world.vault === 'sealed') throw new Error('sealed');
        return world.vault;
      },
      now: () => clock,
    }),
  );
}

beforeEach(() => {
  clock = 0;
  Object.assign(world, { file: { current: 'a', keys: { a: key('a') } }, vault: 'sealed', asked: 0 });
});

describe('what goes to Temporal', () => {
  test('is it unreadable there, and the same when it comes back?', async () => {
    const [sealed] = await machine().encode([payload()]);
    const stored = Buffer.from(sealed?.data ?? []).toString('latin1') + JSON.stringify(sealed?.metadata);
    expect(stored).not.toContain('canary');
    expect(clear((await machine().decode([sealed ?? {}]))[0])).toEqual(secret);
    expect(Buffer.from(sealed?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('a');
  });

  test('can a workflow end that has no result?', async () => {
    // The sandbox gives an empty array where there is no data.
    const nothing = JSON.parse('{"data":[]}') as Payload;
    const [sealed] = await machine().encode([{ ...defaultPayloadConverter.toPayload(undefined), ...nothing }]);
    expect(clear((await machine().decode([sealed ?? {}]))[0])).toBeUndefined();
  });

  test('are two payloads of the same content different, and one that is sealed not sealed again?', async () => {
    const codec = machine();
    const [one, two] = await codec.encode([payload(), payload()]);
    expect(Buffer.from(one?.data ?? []).equals(Buffer.from(two?.data ?? []))).toBe(false);
    expect((await codec.encode([one ?? {}]))[0]).toBe(one);
  });

  test('is an older history, which is in clear, still read?', async () => {
    const old = payload();
    expect((await machine().decode([old]))[0]).toBe(old);
  });

  test.each([
    ['a changed byte', (data: Buffer) => void (data[40] = (data[40] ?? 0) ^ 1)],
    ['a shortened tag', (data: Buffer) => data.fill(0, 12, 20)],
  ])('%s is refused', async (_what, spoil) => {
    const [sealed] = await machine().encode([payload()]);
    const data = Buffer.from(sealed?.data ?? []);
    spoil(data);
    await expect(machine().decode([{ ...sealed, data }])).rejects.toThrow();
  });
});

describe('keys', () => {
  test('Vault is sealed: does the machine go on by its copy, without asking?', async () => {
    const codec = machine();
    await codec.decode(await codec.encode([payload()]));
    expect(world.asked).toBe(0);
  });

  test('rotated elsewhere: is the new key fetched once, kept, and are old payloads still read?', async () => {
    const codec = machine();
    const [old] = await codec.encode([payload()]);
    const both: PayloadKeys = { current: 'b', keys: { a: key('a'), b: key('b') } };
    world.vault = both;
    const elsewhere = createPayloadCodec(
      createPayloadKeyring({ fromFile: async () => both, toFile: async () => {}, fromVault: async () => both }),
    );
    const fresh = await elsewhere.encode([payload(), payload()]);
    expect((await codec.decode([...fresh, old ?? {}])).map(clear)).toEqual([secret, secret, secret]);
    expect(world.asked).toBe(1);
    expect(world.file).toEqual(both);
    const [next] = await codec.encode([payload()]);
    expect(Buffer.from(next?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('b');
  });

  test('init on this machine while the worker runs: is the new file noticed?', async () => {
    world.file = undefined;
    const codec = machine();
    await expect(codec.encode([payload()])).rejects.toThrow('sealed');
    world.file = { current: 'c', keys: { c: key('c') } };
    expect(await codec.encode([payload()])).toHaveLength(1);
    world.file = { current: 'd', keys: { c: key('c'), d: key('d') } };
    clock += 31_000;
    const [next] = await codec.encode([payload()]);
    expect(Buffer.from(next?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('d');
  });

  test('a key that nobody has: is the cure named?', async () => {
    const [sealed] = await machine().encode([payload()]);
    Object.assign(world, {
      file: { current: 'z', keys: { z: key('z') } },
      vault: { current: 'z', keys: { z: key('z') } },
    });
    await expect(machine().decode([sealed ?? {}])).rejects.toMatchObject({
      complaint: { code: 'NotInitialised', got: expect.stringContaining('the key a') },
    });
  });
});
