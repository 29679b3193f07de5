import { readFileSync } from 'node:fs';
import process, { env } from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readAppRoleCredentials, writeAppRoleCredentials } from '../../activities/vault/credentials.ts';
import { writeKeyFile } from '../../activities/payloads/key-file.ts';
import { initialiseCluster, sshKeyState } from '../../activities/vault/initialise.ts';
import { namespaceSlug } from '../../activities/vault/paths.ts';
import { CkeError } from '../../cluster/errors.ts';
import { vaultWorkflowId } from '../../workflows/contracts.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { complaintOf } from '../failure.ts';
import { type ConnectionOptions, type OutputOptions, withConfig, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { ensureVaultSchedule } from '../schedules.ts';
import { registerSearchAttributes } from '../search-attributes.ts';
import { inSession, type Session } from '../session.ts';

type InitOptions = ConnectionOptions &
  OutputOptions & { sshKey?: string; sshKeyFor: Record<string, string>; importCke?: string; kmsFrom: string[] };

interface InitResult {
  cluster: string;
  changes: string[];
  /** Whether Vault holds a key for the nodes' SSH login. */
  sshKey: 'stored' | 'missing';
  /** Where the worker decrypts for the Web UI and the temporal CLI, if the settings name a place. */
  codecServer?: string;
}

/** `cke-client init NAME`: prepares Vault, the worker's credentials and Temporal for a cluster. May be repeated. */
export function initCommand(): Command {
  const command = new Command('init')
    .description("prepare Vault, the worker's credentials and Temporal for a cluster; may be repeated")
    .argument('<name>', 'name of the cluster, as in its declaration')
    .option('--ssh-key <file>', "private key for the nodes' SSH login; the stored one stays when left out")
    .addOption(
      new Option('--ssh-key-for <address=file>', 'private key of a single node; may be repeated')
        .argParser(collectKeys)
        .default({}, 'none'),
    )
    .addOption(
      new Option(
        '--kms-from <cidr>',
        'prepare the provider kms, whose plugin may log in from this network of control planes; may be repeated',
      )
        .argParser((text: string, before: string[]) => [...before, text])
        .default([], 'none'),
    )
    .option(
      '--import-cke <file>',
      "take over the CAs and keys of CKE's cluster from this Vault; the file has /cke/service-account/key of its etcd",
    )
    .action(async (name: string, options: InitOptions) => {
      process.exitCode = await inSession(options, (session) => init(session, name, options));
    })
    .addHelpText('after', "\nThe operator's token is read from VAULT_TOKEN, used here only, and kept nowhere.");
  return withExamples(withOutput(withConfig(command)), [
    'VAULT_TOKEN=$(cat ~/.vault-token) cke-client init prod --ssh-key ./nodes-key',
    'cke-client init prod --ssh-key ./nodes-key --ssh-key-for 10.0.0.14=./special-key',
    'cke-client init prod --import-cke ./sa.key',
    'cke-client init prod --kms-from 10.0.0.0/28',
  ]);
}

function collectKeys(text: string, before: Record<string, string>): Record<string, string> {
  const [address, file, ...rest] = text.split('=');
  if (address === undefined || file === undefined || address === '' || file === '' || rest.length > 0)
    throw new InvalidArgumentError('want ADDRESS=FILE, e.g. 10.0.0.14=./special-key.');
  return { ...before, [address]: file };
}

async function init(session: Session, cluster: string, options: InitOptions): Promise<ExitCode> {
  const { changes: inVault, sshKey } = await prepareVault(session, cluster, options);
  const temporal = await session.temporal();
  const inTemporal = await registerSearchAttributes(temporal);
  const schedule = await ensureVaultSchedule(temporal, cluster);
  const changes = [
    ...inVault,
    ...inTemporal.map((name) => `registered the search attribute ${name} in Temporal`),
    ...(schedule === 'made' ? [`scheduled the daily upkeep of Vault: ${vaultWorkflowId(cluster)}`] : []),
  ];
  const { codec_server: codec } = session.settings.temporal;
  const result = { cluster, changes, sshKey, ...(codec !== undefined && { codecServer: `http://${codec}` }) };
  print({ data: result, format: options.output, asText: initText });
  return sshKey === 'stored' ? exitCodes.ok : exitCodes.attention;
}

async function prepareVault(
  { settings }: Session,
  cluster: string,
  options: InitOptions,
): Promise<Pick<InitResult, 'changes' | 'sshKey'>> {
  const place = { directory: settings.credentials_directory, cluster };
  const vault = { addresses: settings.vault.addresses, caFile: settings.vault.ca_file, token: operatorToken() };
  const { namespace } = settings.temporal;
  const { changes, credentials, payloadKeys } = await initialiseCluster({
    ...vault,
    cluster,
    namespace,
    kmsFrom: options.kmsFrom,
    ...(options.sshKey !== undefined && { sshPrivateKey: privateKey(options.sshKey) }),
    ...(options.importCke !== undefined && { importCke: { serviceAccountKey: privateKey(options.importCke) } }),
    sshPrivateKeysByAddress: Object.fromEntries(
      Object.entries(options.sshKeyFor).map(([address, file]) => [address, privateKey(file)]),
    ),
    credentials: await standingCredentials(place),
  });
  await writeAppRoleCredentials(place, credentials);
  await writeKeyFile({ directory: place.directory, namespace: namespaceSlug(namespace) }, payloadKeys);
  return { changes, sshKey: await sshKeyState({ ...vault, cluster }) };
}

/** @throws CkeError InvalidRequest when VAULT_TOKEN is not set */
export function operatorToken(): string {
  const token = env['VAULT_TOKEN'];
  if (token !== undefined && token !== '') return token;
  throw new CkeError({
    code: 'InvalidRequest',
    message: "this command needs an operator's token for Vault",
    got: 'VAULT_TOKEN is not set',
    want: 'a token that may manage mounts, policies and AppRoles',
    fix: 'VAULT_TOKEN=… cke-client … (never as a flag: other users see command lines)',
    remedy: 'never',
  });
}

/** What an earlier init wrote; a secret-id that still works is kept. */
async function standingCredentials(place: { directory: string; cluster: string }) {
  return readAppRoleCredentials(place).catch((error: unknown) => {
    if (complaintOf(error).code === 'NotInitialised') return undefined;
    throw error;
  });
}

/** @throws CkeError InvalidRequest when the file cannot be read */
function privateKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CkeError({
      code: 'InvalidRequest',
      message: `${file}: the private key cannot be read`,
      got: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable',
      fix: 'name a private key file; ssh-keygen -t ed25519 makes one',
      remedy: 'never',
    });
  }
}

export function initText({ cluster, changes, sshKey, codecServer }: InitResult): string {
  const done = changes.map((change) => `  ✓ ${change}`);
  const missing = '  ! Vault holds no SSH key for the nodes: the worker cannot log in to them';
  return [
    changes.length === 0 ? `${cluster}: everything was there already.` : `${cluster}:`,
    ...done,
    ...(codecServer === undefined
      ? []
      : [`Codec server of the worker, for the Web UI and --codec-endpoint: ${codecServer}`]),
    ...(sshKey === 'stored'
      ? ['Next: cke-client apply cluster.yaml']
      : [missing, `Next: cke-client init ${cluster} --ssh-key FILE`]),
  ].join('\n');
}
