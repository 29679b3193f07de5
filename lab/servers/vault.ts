import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from '../errors.ts';
import { ensureProcess, stopProcess, waitUntil } from '../processes.ts';
import { writeAtomically } from '../state.ts';
import type { LabPaths, LabRecord } from '../state.ts';
import type { Server } from './server.ts';

const vaultKeys = z.object({ unsealKey: z.string(), rootToken: z.string() });
type VaultKeys = Readonly<z.infer<typeof vaultKeys>>;

const initialised = z.object({ keys_base64: z.tuple([z.string()]), root_token: z.string() });

/** A real Vault (not the dev mode) with raft storage and TLS; initialised at the first start, unsealed at each. */
export const vault: Server = {
  async start({ lab, paths, tools }) {
    const [record, log, configuration] = [
      paths.record('vault'),
      paths.log('vault'),
      join(paths.server('vault'), 'vault.hcl'),
    ];
    writeAtomically(configuration, configurationText(lab, paths));
    // Without keys nothing in it can be read again: an earlier start was killed between initialising and writing them down.
    if (!existsSync(paths.vaultKeys)) {
      await stopProcess(record, { signal: 'SIGKILL' });
      rmSync(join(paths.server('vault'), 'data'), { recursive: true, force: true });
    }
    mkdirSync(join(paths.server('vault'), 'data'), { recursive: true, mode: 0o700 });
    await ensureProcess([tools('vault'), 'server', `-config=${configuration}`], { record, log });
    const status = async () => {
      const { code } = await call({ lab, paths, path: 'sys/seal-status' });
      return code === 200 || undefined;
    };
    await waitUntil('Vault', status, { log, record });
    await initialise(lab, paths);
    await unseal(lab, paths);
  },
};

/** Where nodes ask Vault themselves it listens on their bridge, too. */
function configurationText({ ports, gateway, images }: LabRecord, paths: LabPaths): string {
  const hosts = images === 'kms too' ? ['127.0.0.1', gateway] : ['127.0.0.1'];
  return `ui = false
disable_mlock = true
log_level = "warn"
api_addr = "https://127.0.0.1:${ports.vault}"
cluster_addr = "https://127.0.0.1:${ports.vaultCluster}"
storage "raft" {
  path = "${join(paths.server('vault'), 'data')}"
  node_id = "lab"
  performance_multiplier = 1
}
${hosts.map((host) => listenerText({ host, ports, paths })).join('')}`;
}

function listenerText({ host, ports, paths }: Pick<LabRecord, 'ports'> & { host: string; paths: LabPaths }): string {
  return `listener "tcp" {
  address = "${host}:${ports.vault}"
  cluster_address = "${host}:${ports.vaultCluster}"
  tls_cert_file = "${paths.pki('server.crt')}"
  tls_key_file = "${paths.pki('server.key')}"
}
`;
}

async function initialise(lab: LabRecord, paths: LabPaths): Promise<void> {
  if (existsSync(paths.vaultKeys)) return;
  const answer = await call({ lab, paths, path: 'sys/init', body: { secret_shares: 1, secret_threshold: 1 } });
  const made = initialised.safeParse(answer.body);
  if (!made.success) {
    throw new LabError({
      what: `Vault could not be initialised (status ${answer.code})`,
      why: 'its answer had no keys in it',
      cure: `read ${paths.log('vault')}`,
    });
  }
  const keys: VaultKeys = { unsealKey: made.data.keys_base64[0], rootToken: made.data.root_token };
  writeAtomically(paths.vaultKeys, JSON.stringify(keys), 0o600);
}

/** Unseals the lab's Vault with the key in the state directory, and returns when it is active. */
export async function unseal(lab: LabRecord, paths: LabPaths): Promise<void> {
  await call({ lab, paths, path: 'sys/unseal', body: { key: readVaultKeys(paths).unsealKey } });
  const active = async () => (await call({ lab, paths, path: 'sys/health' })).code === 200 || undefined;
  await waitUntil('Vault, unsealed', active, { log: paths.log('vault'), record: paths.record('vault') });
}

/** Seals the lab's Vault: it answers 503 to everything until it is unsealed. Throws LabError when it is still open. */
export async function seal(lab: LabRecord, paths: LabPaths): Promise<void> {
  await call({ lab, paths, path: 'sys/seal', body: {}, token: readVaultKeys(paths).rootToken });
  const sealed = async () => (await call({ lab, paths, path: 'sys/health' })).code === 503 || undefined;
  await waitUntil('Vault, sealed', sealed, { log: paths.log('vault') });
}

/** The root token and the unseal key of the lab's Vault. Throws LabError when it has never run. */
export function readVaultKeys(paths: LabPaths): VaultKeys {
  try {
    return vaultKeys.parse(JSON.parse(readFileSync(paths.vaultKeys, 'utf8')));
  } catch {
    throw new LabError({
      what: 'this lab’s Vault has no keys yet',
      why: 'the lab has not been up, or not for long enough',
      cure: 'npm run lab -- up',
    });
  }
}

interface Call {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly path: string;
  /** With a body it is a PUT, without one a GET. */
  readonly body?: object;
  readonly token?: string;
}

function call({ lab, paths, path, body, token }: Call): Promise<{ code: number; body: unknown }> {
  const options = {
    method: body === undefined ? 'GET' : 'PUT',
    ca: readFileSync(paths.pki('ca.crt')),
    timeout: 10_000,
    agent: false,
    headers: token === undefined ? {} : { 'X-Vault-Token': token },
  };
  return new Promise((resolve) => {
    const asked = request(`https://127.0.0.1:${lab.ports.vault}/v1/${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text === '' ? {} : JSON.parse(text) }));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve({ code: 0, body: {} }));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
