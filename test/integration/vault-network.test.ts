import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createVaultClient } from '../../activities/vault/client.ts';
import { CkeError } from '../../cluster/errors.ts';
import { freePort, startVault } from './vault-server.ts';
import type { TestVault } from './vault-server.ts';

const token = 'hvs.planted-token-0123456789';
const body = { secret_id: 'planted-secret-id' };
const shape = z.unknown();

let vault: TestVault;
const planted: Server[] = [];

beforeAll(async () => {
  vault = await startVault();
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of planted.splice(0)) server.close();
});

afterAll(() => vault.stop());

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server with a certificate that the client trusts; returns its address and what it was asked. */
async function plant(answer: Answer) {
  const asked: IncomingMessage[] = [];
  const server = createHttpsServer(vault.tls, (request, response) => {
    asked.push(request);
    answer(request, response);
  });
  return {
    address: `https://127.0.0.1:${await listen(server)}`,
    asked,
    closeConnections: () => server.closeAllConnections(),
  };
}

async function listen(server: Server): Promise<number> {
  const port = await freePort();
  planted.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

function clientOf(addresses: string[], deadline = 10_000) {
  return createVaultClient({ addresses, caFile: vault.caFile, deadline });
}

async function complaintOf(call: Promise<unknown>) {
  const error = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  const text = inspect(error, { depth: 20, showHidden: true });
  expect([token, body.secret_id, vault.rootToken].filter((secret) => text.includes(secret))).toEqual([]);
  if (!(error instanceof CkeError)) throw error;
  return error.complaint;
}

const mounts = { path: 'sys/mounts', shape };

describe('redirects', () => {
  test.each([301, 302, 307, 308])('a server that answers %i to elsewhere: is the token sent there?', async (status) => {
    const elsewhere = await plant((_, response) => response.end('{}'));
    const redirecting = await plant((_, response) =>
      response.writeHead(status, { location: `${elsewhere.address}/v1/x` }).end(),
    );
    const client = clientOf([redirecting.address]);
    const complaints = [
      await complaintOf(client.read({ ...mounts, token })),
      await complaintOf(client.write({ path: 'auth/approle/login', token, body, shape })),
    ];
    for (const { code, message } of complaints) {
      expect(code).toBe('VaultFailed');
      expect(message).toMatch(/redirects/);
    }
    expect(redirecting.asked).toHaveLength(2);
    expect(elsewhere.asked).toHaveLength(0);
  });

  test('a standby that redirects: is the next server of the list asked?', async () => {
    const standby = await plant((_, response) => response.writeHead(307, { location: vault.address }).end());
    const client = clientOf([standby.address, vault.address]);
    await client.read({ ...mounts, token: vault.rootToken });
    await client.read({ ...mounts, token: vault.rootToken });
    expect(standby.asked).toHaveLength(1);
  });
});

describe('deadlines', () => {
  test('a server that accepts and says nothing: does the call end?', async () => {
    const port = await listen(createTcpServer(() => undefined));
    const started = performance.now();
    const complaint = await complaintOf(clientOf([`https://127.0.0.1:${port}`], 400).read({ ...mounts, token }));
    expect(complaint).toMatchObject({
      code: 'VaultUnreachable',
      remedy: 'retry',
      got: 'no answer within the deadline',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('a server that takes the request and never answers: does it end, and is a write not sent to the next?', async () => {
    const silent = await plant(() => undefined);
    const next = await plant((_, response) => response.end('{}'));
    const client = clientOf([silent.address, next.address], 400);
    expect((await complaintOf(client.write({ path: 'auth/approle/login', body, shape }))).code).toBe(
      'VaultUnreachable',
    );
    expect([silent.asked.length, next.asked.length]).toEqual([1, 0]);
    await client.read({ ...mounts, token });
    expect([silent.asked.length, next.asked.length]).toEqual([2, 1]);
  });

  test('a server that sends its answer for ever: does it end?', async () => {
    const endless = await plant((_, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const complaint = await complaintOf(clientOf([endless.address], 400).read({ ...mounts, token }));
    expect(complaint.got).toBe('no answer within the deadline');
  });

  test('a server that sends far too much: does it end?', async () => {
    const flooding = await plant((_, response) => response.end('x'.repeat(5 * 1024 * 1024)));
    expect((await complaintOf(clientOf([flooding.address]).read({ ...mounts, token }))).got).toBe('answer too long');
  });
});

describe('several servers', () => {
  test('the first is down: is the second asked, for writes too, and remembered?', async () => {
    const down = `https://127.0.0.1:${await freePort()}`;
    const client = clientOf([down, vault.address]);
    const capabilities = { path: 'sys/capabilities-self', token: vault.rootToken, body: { paths: ['x'] }, shape };
    await client.write(capabilities);
    await client.write(capabilities);
  });

  test('one is down and one is sealed: is it told that Vault is sealed?', async () => {
    const down = `https://127.0.0.1:${await freePort()}`;
    const sealed = await plant((_, response) => response.writeHead(503).end('{"errors":["Vault is sealed"]}'));
    for (const addresses of [
      [down, sealed.address],
      [sealed.address, down],
    ]) {
      expect((await complaintOf(clientOf(addresses).read({ ...mounts, token }))).code).toBe('VaultSealed');
    }
  });

  test('a connection that the server closed while it was idle: is that no failure?', async () => {
    const closing = await plant((_, response) => response.end('{}'));
    const client = clientOf([closing.address]);
    await client.read({ ...mounts, token });
    closing.closeConnections();
    await client.write({ path: 'auth/approle/login', body, shape });
    expect(closing.asked).toHaveLength(2);
  });
});

describe('trust', () => {
  test('a server whose certificate another CA signed: refused, whatever the environment says?', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.stubEnv('VAULT_SKIP_VERIFY', '1');
    const other = await startVault();
    const complaint = await complaintOf(clientOf([other.address]).read({ ...mounts, token }));
    await other.stop();
    expect(complaint).toMatchObject({ code: 'VaultUnreachable', remedy: 'never' });
    expect(complaint.fix).toMatch(/vault.ca_file/);
  });

  test('a certificate for other names: is that told?', async () => {
    const elsewhere = vault.address.replace('127.0.0.1', '127.0.0.2');
    const server = createHttpsServer(vault.tls, (_, response) => response.end('{}'));
    planted.push(server);
    const { port: otherPort } = new URL(elsewhere);
    await new Promise<void>((resolve) => server.listen(Number(otherPort), '127.0.0.2', resolve));
    const complaint = await complaintOf(clientOf([elsewhere]).read({ ...mounts, token }));
    expect(complaint.got).toBe('its certificate is for other names');
  });

  test('proxies and VAULT_… in the environment: have they no influence?', async () => {
    const proxied: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket) => {
      proxied.push(request.url ?? '');
      socket.destroy();
    });
    proxy.on('request', (request) => proxied.push(request.url ?? ''));
    const proxyPort = await listen(proxy);
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxyPort}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    vi.stubEnv('VAULT_ADDR', 'https://127.0.0.1:1');
    vi.stubEnv('VAULT_TOKEN', 'hvs.from-the-environment');
    vi.stubEnv('VAULT_NAMESPACE', 'elsewhere');
    vi.stubEnv('VAULT_PREFIX', '/elsewhere');
    const seen = await plant((_, response) => response.end('{}'));
    await clientOf([seen.address]).write({ path: 'auth/approle/login', body, shape });
    expect(seen.asked[0]?.url).toBe('/v1/auth/approle/login');
    expect(seen.asked[0]?.headers).not.toHaveProperty('x-vault-token');
    expect(seen.asked[0]?.headers).not.toHaveProperty('x-vault-namespace');
    expect(proxied).toEqual([]);
    expect(env['VAULT_TOKEN']).toBe('hvs.from-the-environment');
  });

  test.each([
    ['http://127.0.0.1:8200', 'SettingsInvalid'],
    ['https://user:password@127.0.0.1:8200', 'SettingsInvalid'],
    ['127.0.0.1:8200', 'SettingsInvalid'],
  ])('the address %s: refused?', async (address, code) => {
    const complaint = await complaintOf(new Promise(() => clientOf([address])));
    expect(complaint.code).toBe(code);
    expect(JSON.stringify(complaint)).not.toContain('password');
  });

  test.each(['', 'sys/../auth', 'a//b', 'a?b=c', 'A/b', 'a/b#c', '/a', 'a/%2e%2e/b', 'a/b/', 'a{{b}}'])(
    'the path %j: refused before anything is sent?',
    async (path) => {
      const seen = await plant((_, response) => response.end('{}'));
      expect((await complaintOf(clientOf([seen.address]).read({ path, token, shape }))).code).toBe('InvalidRequest');
      expect(seen.asked).toHaveLength(0);
    },
  );

  test('a CA file without a certificate: is the settings’ key named?', async () => {
    const caFile = join(vault.directory, 'empty.crt');
    writeFileSync(caFile, '');
    const complaint = await complaintOf(new Promise(() => createVaultClient({ addresses: [vault.address], caFile })));
    expect(complaint).toMatchObject({ code: 'SettingsInvalid', fix: 'correct vault.ca_file in the settings' });
  });
});

test.each([
  [400, 'VaultFailed', 'never'],
  [403, 'VaultDenied', 'never'],
  [429, 'VaultFailed', 'retry'],
  [500, 'VaultFailed', 'retry'],
  [503, 'VaultFailed', 'retry'],
])('Vault answers %i with a secret in its words: what is told?', async (status, code, remedy) => {
  const server = await plant((_, response) =>
    response.writeHead(status).end(JSON.stringify({ errors: [`no: ${token}`] })),
  );
  expect(await complaintOf(clientOf([server.address]).read({ ...mounts, token }))).toMatchObject({ code, remedy });
});
