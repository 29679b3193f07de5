import { expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import type { VaultClient } from './client.ts';
import { createLogin } from './login.ts';

const hour = 3_600_000;

/** A Vault that gives tokens t1, t2, … of one hour, and a clock to be moved by hand. */
function fakeVault() {
  const clock = { now: 1_000_000 };
  const calls: string[] = [];
  const denied = new Set<string>();
  let logins = 0;
  const client: VaultClient = {
    read: async () => undefined,
    list: async () => undefined,
    remove: async () => undefined,
    async write({ path, token, shape }) {
      await Promise.resolve();
      if (token !== undefined && denied.has(token)) throw deny();
      calls.push(path.split('/').at(-1) ?? '');
      const fresh = path.endsWith('login') ? { client_token: `t${++logins}` } : {};
      return shape.parse({ auth: { ...fresh, lease_duration: 3600 } });
    },
  };
  const withToken = createLogin({ client, credentials, now: () => clock.now });
  const use = (cluster = 'demo') =>
    withToken(cluster, async (token) => {
      await Promise.resolve();
      if (denied.has(token)) throw deny();
      return token;
    });
  return { clock, calls, denied, use };
}

async function credentials(cluster: string) {
  return { roleId: cluster, secretId: 'a-secret' };
}

function deny() {
  return new CkeError({ code: 'VaultDenied', message: 'denied', remedy: 'never' });
}

test('ten callers at once, before the first login: how many logins?', async () => {
  const { calls, use } = fakeVault();
  expect(new Set(await Promise.all(Array.from({ length: 10 }, () => use())))).toEqual(new Set(['t1']));
  expect(calls).toEqual(['login']);
});

test('each cluster: a token of its own?', async () => {
  const { use } = fakeVault();
  expect(await use('demo')).not.toBe(await use('other'));
});

test.each([
  ['before half of its life', 0.49 * hour, [], 't1'],
  ['after half of its life', 0.51 * hour, ['renew-self'], 't1'],
  ['after its end', 1.01 * hour, ['login'], 't2'],
])('ten callers %s: what happens to the token?', async (_, elapsed, expected, token) => {
  const { clock, calls, use } = fakeVault();
  await use();
  calls.length = 0;
  clock.now += elapsed;
  expect(new Set(await Promise.all(Array.from({ length: 10 }, () => use())))).toEqual(new Set([token]));
  expect(calls).toEqual(expected);
});

test('a token that was renewed in time for a day: one login?', async () => {
  const { clock, calls, use } = fakeVault();
  for (let step = 0; step < 48; step++) {
    await use();
    clock.now += hour / 2;
  }
  expect(calls.filter((call) => call === 'login')).toHaveLength(1);
});

test('a token that was revoked, ten callers: one new login for all?', async () => {
  const { calls, denied, use } = fakeVault();
  await use();
  denied.add('t1');
  expect(new Set(await Promise.all(Array.from({ length: 10 }, () => use())))).toEqual(new Set(['t2']));
  expect(calls).toEqual(['login', 'login']);
});

test('revoked when its renewal is due: a new login instead?', async () => {
  const { clock, denied, use } = fakeVault();
  await use();
  denied.add('t1');
  clock.now += 0.6 * hour;
  expect(await use()).toBe('t2');
});

test('denied with a fresh token, too: does it stop after one more try?', async () => {
  const { calls, denied, use } = fakeVault();
  for (const token of ['t1', 't2', 't3']) denied.add(token);
  await expect(use()).rejects.toMatchObject({ complaint: { code: 'VaultDenied' } });
  expect(calls).toEqual(['login', 'login']);
});
