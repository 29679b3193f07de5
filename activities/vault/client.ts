import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import nodeVault from 'node-vault';
import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import type { Complaint } from '../../cluster/errors.ts';
import { failureOf, mayAskAnother, vaultError } from './failures.ts';
import { createTransport } from './transport.ts';

export interface VaultClientOptions {
  /** `https://host:port` of each server of one Vault; the next is asked when one cannot be reached or is sealed. */
  addresses: readonly string[];
  /** PEM file of the CA that signed Vault's certificate; the system's CAs when absent. */
  caFile?: string | undefined;
  /** Milliseconds for one request; 10,000 unless given. */
  deadline?: number;
}

interface Call<T> {
  /** API path without `/v1/`: lower-case letters, digits and `- _ . /`. */
  path: string;
  token?: string;
  /** What the answer must look like. */
  shape: z.ZodType<T>;
  /** The error in place of the general one when Vault answers 400, 403 or 404. */
  whenRefused?: Complaint;
}

/**
 * Vault's HTTP API through node-vault, in the one module that knows node-vault's hazards (reliability §6.4, appendix A).
 * All methods throw CkeError VaultSealed, VaultUnreachable, VaultDenied or VaultFailed.
 */
export interface VaultClient {
  /** Returns undefined where there is nothing. */
  read<T>(call: Call<T>): Promise<T | undefined>;
  list<T>(call: Call<T>): Promise<T | undefined>;
  write<T>(call: Call<T> & { body: Record<string, unknown> }): Promise<T>;
  /** What is gone already is fine. */
  remove(call: Omit<Call<unknown>, 'shape'>): Promise<void>;
}

/** Throws CkeError SettingsInvalid when an address is no https URL or the CA cannot be read. */
export function createVaultClient({ addresses, caFile, deadline = 10_000 }: VaultClientOptions): VaultClient {
  const ca = caFile === undefined ? {} : { ca: readAuthority(caFile) };
  const transport = createTransport({ ...ca, deadline, connectDeadline: Math.min(3_000, deadline) });
  const servers = addresses.map((address) => serverAt(demandHttps(address), transport));
  let preferred = servers[0];

  async function answerOf(method: Method, { path, token, body }: Attempt): Promise<unknown> {
    demandPath(path);
    let gravest: CkeError | undefined;
    for (const server of servers.toSorted((a, b) => Number(b === preferred) - Number(a === preferred))) {
      try {
        const answer = await server.request({ method, path, ...(token === undefined ? {} : { token }), body });
        preferred = server;
        return answer;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.failed === 'refusal' && failure.status === 404 && method !== 'POST') return undefined;
        const complaint = vaultError(failure, { address: server.address, path });
        gravest = gravest?.complaint.code === 'VaultSealed' ? gravest : complaint;
        if (mayAskAnother(failure, method) === 'no') break;
      }
    }
    throw gravest ?? noServers();
  }

  async function call<T>(
    method: Method,
    { shape, whenRefused, ...attempt }: Call<T> & Attempt,
  ): Promise<T | undefined> {
    const answer = await answerOf(method, attempt).catch((error: unknown) => {
      if (whenRefused !== undefined && isFinal(error)) throw new CkeError(whenRefused);
      throw error;
    });
    if (answer === undefined) return undefined;
    const parsed = shape.safeParse(answer);
    if (!parsed.success) throw unexpected(attempt.path);
    return parsed.data;
  }

  return {
    read: (asked) => call('GET', { ...asked, body: undefined }),
    list: (asked) => call('LIST', { ...asked, body: undefined }),
    async write(asked) {
      const answer = await call('POST', asked);
      if (answer === undefined) throw unexpected(asked.path);
      return answer;
    },
    async remove(asked) {
      await call('DELETE', { ...asked, shape: z.unknown(), body: undefined });
    },
  };
}

type Method = 'GET' | 'LIST' | 'POST' | 'DELETE';

interface Attempt {
  path: string;
  token?: string;
  body: Record<string, unknown> | undefined;
}

type Transport = ReturnType<typeof createTransport>;

interface Server {
  address: string;
  request(asked: Attempt & { method: Method }): Promise<unknown>;
}

function serverAt(address: string, transport: Transport): Server {
  const client = nodeVault({
    endpoint: address,
    debug: () => undefined,
    'request-promise': { defaults: () => transport },
  });
  // node-vault has filled these from VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX of the environment.
  Object.assign(client, { token: '', namespace: '', pathPrefix: '' });
  return {
    address,
    async request({ method, path, token, body }) {
      const answer: unknown = await client.request({
        method,
        path: `/${path}`,
        headers: token === undefined ? {} : { 'X-Vault-Token': token },
        ...(body === undefined ? {} : { json: body }),
      });
      return answer ?? {};
    },
  };
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof CkeError)) return false;
  const { code, remedy } = error.complaint;
  return (code === 'VaultFailed' || code === 'VaultDenied') && remedy === 'never';
}

function demandPath(path: string): void {
  const clean = /^[a-z0-9_.-]+(\/[a-z0-9_.-]+)*$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part));
  if (clean) return;
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'a Vault path has characters that are not allowed',
    got: JSON.stringify(path.slice(0, 120)),
    want: 'lower-case letters, digits and - _ . between slashes',
    remedy: 'never',
  });
}

function demandHttps(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.pathname === '/' && url.search === '') return url.origin;
  throw new CkeError({
    code: 'SettingsInvalid',
    message: 'an address of Vault in the settings is not usable',
    ...(url === undefined ? {} : { got: `${url.protocol}//${url.host}${url.pathname}` }),
    want: 'https://host:port, and nothing else: the AppRole’s secret travels there',
    fix: 'correct vault.addresses in the settings; give Vault’s listener a certificate',
    remedy: 'never',
  });
}

function readAuthority(caFile: string): string {
  try {
    const text = readFileSync(caFile, 'utf8');
    demandAuthorities(text, Date.now());
    return text;
  } catch (error) {
    throw new CkeError({
      code: 'SettingsInvalid',
      message: `${caFile}: the CA of Vault cannot be used`,
      got: error instanceof NotAnAuthority ? error.message : 'the file cannot be read',
      want: 'a file with PEM certificates of CAs that are valid now',
      fix: 'correct vault.ca_file in the settings',
      remedy: 'never',
    });
  }
}

class NotAnAuthority extends Error {}

/** Node takes whatever can be read of a CA file and says nothing of the rest: the connection then fails for another reason. */
function demandAuthorities(text: string, now: number): void {
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  const whole = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (begun.length === 0) throw new NotAnAuthority('there is no certificate in it');
  if (whole.length < begun.length) throw new NotAnAuthority('a certificate in it is truncated');
  for (const pem of whole) {
    const certificate = readCertificate(pem);
    if (!certificate.ca) throw new NotAnAuthority('a certificate in it is not one of a CA');
    if (certificate.validToDate.getTime() < now) throw new NotAnAuthority(`a CA in it expired ${certificate.validTo}`);
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new NotAnAuthority('a certificate in it is damaged');
  }
}

function noServers(): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: 'the settings name no address of Vault',
    fix: 'set vault.address in the settings',
    remedy: 'never',
  });
}

function unexpected(path: string): CkeError {
  return new CkeError({
    code: 'VaultFailed',
    message: `Vault answered ${path} in a form that is not known`,
    want: 'Vault 1.17 or newer',
    remedy: 'never',
  });
}
