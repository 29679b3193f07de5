import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { env } from 'node:process';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { CkeError } from '../cluster/errors.ts';
import { nearest } from '../cluster/declaration/suggestion.ts';

/** Where the manager's own servers are: read by the worker and by cke-client. Holds paths of secrets, never secrets. */
export interface Settings {
  temporal: TemporalSettings;
  etcd: ManagementEtcdSettings;
  vault: VaultSettings;
  /** Directory with `<cluster>/role-id` and `<cluster>/secret-id`, absolute. */
  credentials_directory: string;
  /** Where the worker serves its metrics and health, e.g. `127.0.0.1:9464`. */
  metrics?: { address: string } | undefined;
}

export interface TemporalSettings {
  /** `host:port` of the frontend. */
  address: string;
  namespace: string;
  /** Web UI, shown to people only. */
  ui?: string | undefined;
  /** Where the worker decrypts for the Web UI, `host:port` of this machine's loopback; nowhere when absent. */
  codec_server?: string | undefined;
  tls?: TemporalTls | undefined;
}

export interface TemporalTls {
  ca_file?: string | undefined;
  cert_file?: string | undefined;
  key_file?: string | undefined;
  server_name?: string | undefined;
}

export interface ManagementEtcdSettings {
  endpoints: string[];
  ca_file: string;
  cert_file: string;
  key_file: string;
}

export interface VaultSettings {
  addresses: string[];
  ca_file?: string | undefined;
}

const DEFAULT_PATH = '/etc/cke/cke.yaml';

/** The file that holds the settings: CKE_CONFIG, or /etc/cke/cke.yaml. */
export function settingsPath(): string {
  return env['CKE_CONFIG'] ?? DEFAULT_PATH;
}

/**
 * Reads the settings. Relative file paths in it are relative to the file itself.
 * @throws CkeError SettingsInvalid with all problems at once
 */
export function loadSettings(path: string = settingsPath()): Settings {
  const absolute = resolve(path);
  const parsed = schema(dirname(absolute)).safeParse(documentOf(absolute), { reportInput: true });
  if (!parsed.success) throw invalid(absolute, parsed.error.issues.map(describeIssue));
  return parsed.data;
}

function documentOf(path: string): unknown {
  const document = parseDocument(textOf(path), { uniqueKeys: true });
  const problems = document.errors.map(({ message }) => message.split('\n')[0] ?? '');
  if (problems.length > 0) throw invalid(path, problems);
  return document.toJS() ?? {};
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new CkeError({
      code: 'SettingsInvalid',
      message: `${path}: the settings of cke cannot be read`,
      got: reason === 'ENOENT' ? 'no such file' : reason,
      want: 'a YAML file with temporal, etcd, vault and credentials_directory',
      fix: 'set CKE_CONFIG to the settings file, or write /etc/cke/cke.yaml (docs/operations.md shows one)',
      remedy: 'never',
    });
  }
}

const hostAndPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/u, 'want host:port, e.g. 127.0.0.1:7233');
const httpsUrl = z.url({ protocol: /^https$/u, error: 'want an https:// address, e.g. https://10.0.0.5:2379' });
const vaultUrl = z
  .url({ protocol: /^https$/u, error: 'want an https:// address, e.g. https://10.0.0.5:8200' })
  .refine(hasNoCredentials, 'want an address without a user and password')
  .refine(isNoMetadataService, 'want a server of yours: link-local addresses belong to the machine’s provider');

function hasNoCredentials(text: string): boolean {
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** 169.254.169.254 and its like answer on every cloud machine, and would be told the secret-id. */
function isNoMetadataService(text: string): boolean {
  return !/^(169\.254\.|\[fe[89ab]|\[::ffff:a9fe:|metadata\.)/u.test(new URL(text).hostname);
}

function schema(directory: string) {
  const file = z
    .string()
    .min(1)
    .transform((path) => resolve(directory, path));
  const tls = z.strictObject({
    ca_file: file.optional(),
    cert_file: file.optional(),
    key_file: file.optional(),
    server_name: z.string().optional(),
  });
  return z.strictObject({
    temporal: z.strictObject({
      address: hostAndPort,
      namespace: z.string().min(1).default('default'),
      ui: z.url().optional(),
      codec_server: hostAndPort.optional(),
      tls: tls.refine(pairOrNothing, 'cert_file and key_file go together').optional(),
    }),
    etcd: z.strictObject({ endpoints: z.array(httpsUrl).min(1), ca_file: file, cert_file: file, key_file: file }),
    vault: z
      .strictObject({
        address: vaultUrl.optional(),
        addresses: z.array(vaultUrl).min(1).optional(),
        ca_file: file.optional(),
      })
      .refine(oneOfTwo, 'want address or addresses, one of the two')
      .transform(({ address, addresses, ...others }) => ({ ...others, addresses: addresses ?? [address ?? ''] })),
    credentials_directory: file,
    metrics: z.strictObject({ address: hostAndPort }).optional(),
  });
}

function pairOrNothing(tls: { cert_file?: unknown; key_file?: unknown }): boolean {
  return (tls.cert_file === undefined) === (tls.key_file === undefined);
}

function oneOfTwo(vault: { address?: unknown; addresses?: unknown }): boolean {
  return (vault.address === undefined) !== (vault.addresses === undefined);
}

const known =
  'temporal etcd vault credentials_directory metrics address addresses namespace ui codec_server tls endpoints ca_file cert_file key_file server_name'.split(
    ' ',
  );

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? '/' : `/${issue.path.map(String).join('/')}`;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${path}: ${unknownKey(key)}`).join('; ');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return `${path}: ${missing ? 'is missing' : issue.message}`;
}

function unknownKey(key: string): string {
  const near = nearest(key, known);
  return `unknown key ${key}${near === undefined ? '' : `, did you mean ${near}?`}`;
}

function invalid(path: string, problems: string[]): CkeError {
  return new CkeError({
    code: 'SettingsInvalid',
    message: `${path}: the settings of cke have ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    got: problems.join('\n         '),
    fix: `correct ${path} (docs/operations.md explains each key), then run the command again`,
    remedy: 'never',
  });
}
