import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createVaultClient } from '../../activities/vault/client.ts';
import type { VaultClient } from '../../activities/vault/client.ts';
import { CkeError } from '../../cluster/errors.ts';
import { run } from '../../lab/command.ts';
import { silentProgress } from '../../lab/progress.ts';
import { resolveTools } from '../../lab/toolchain.ts';

/** A real Vault of a test's own: not the dev mode, TLS, initialised and unsealed, on a free port, in a temporary directory. */
export interface TestVault {
  address: string;
  directory: string;
  caFile: string;
  /** PEM of a pair that the CA signed for localhost, for other servers that a test plants. */
  tls: { cert: string; key: string };
  rootToken: string;
  /** A client for the operator's calls. */
  operator: VaultClient;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  stop(): Promise<void>;
}

const initialised = z.object({ keys_base64: z.array(z.string()).min(1), root_token: z.string() });

export async function startVault(): Promise<TestVault> {
  const program = await resolveTools(['vault'], silentProgress());
  const directory = mkdtempSync(join(tmpdir(), 'cke-vault-'));
  await makeCertificates(directory);
  const port = await freePort();
  const address = `https://127.0.0.1:${port}`;
  writeFileSync(join(directory, 'vault.hcl'), configuration({ directory, port, clusterPort: await freePort() }));
  const child = spawn(program('vault'), ['server', `-config=${join(directory, 'vault.hcl')}`], {
    stdio: 'ignore',
    env: {},
  });
  const caFile = join(directory, 'ca.crt');
  const operator = createVaultClient({ addresses: [address], caFile });
  const answer = await eventually(() =>
    operator.write({ path: 'sys/init', body: { secret_shares: 1, secret_threshold: 1 }, shape: initialised }),
  );
  const [key] = answer.keys_base64;
  const token = answer.root_token;
  const unseal = async () => {
    await operator.write({ path: 'sys/unseal', body: { key }, shape: z.unknown() });
    await eventually(() => operator.read({ path: 'sys/mounts', token, shape: z.unknown() }));
  };
  await unseal();
  return {
    address,
    directory,
    caFile,
    rootToken: token,
    operator,
    unseal,
    tls: {
      cert: readFileSync(join(directory, 'server.crt'), 'utf8'),
      key: readFileSync(join(directory, 'server.key'), 'utf8'),
    },
    seal: async () => void (await operator.write({ path: 'sys/seal', token, body: {}, shape: z.unknown() })),
    stop: () => stop(child, directory),
  };
}

/** A port of the loopback interface that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address === null || typeof address === 'string' ? 0 : address.port));
    });
  });
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CkeError) || tries > 150) throw error;
      await sleep(100);
    }
  }
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
  rmSync(directory, { recursive: true });
}

function configuration({ directory, port, clusterPort }: { directory: string; port: number; clusterPort: number }) {
  return `ui = false
disable_mlock = true
api_addr = "https://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
storage "inmem" {}
listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${clusterPort}"
  tls_cert_file = "${join(directory, 'server.crt')}"
  tls_key_file = "${join(directory, 'server.key')}"
}
`;
}

async function makeCertificates(directory: string): Promise<void> {
  const at = (file: string) => join(directory, file);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=test CA', '-addext', 'keyUsage=critical,keyCertSign'];
  await run('openssl', [...ca, '-keyout', at('ca.key'), '-out', at('ca.crt')]);
  await run('openssl', [
    'req',
    '-new',
    ...key,
    '-subj',
    '/CN=vault',
    '-keyout',
    at('server.key'),
    '-out',
    at('server.csr'),
  ]);
  writeFileSync(at('server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  const signed = [
    '-CA',
    at('ca.crt'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('server.ext'),
  ];
  await run('openssl', ['x509', '-req', '-in', at('server.csr'), ...signed, '-out', at('server.crt')]);
}
