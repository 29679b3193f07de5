import process, { stderr } from 'node:process';
import { Command } from 'commander';
import type { ServerOutcome } from '../../activities/contracts/access.ts';
import { createVaultClient } from '../../activities/vault/client.ts';
import type { LoginKeyRecord } from '../../activities/store/login-keys.ts';
import {
  forgetPreviousSshKey,
  makeNextSshKey,
  newSshKeyFingerprint,
  sshKeyStage,
  useNextSshKey,
} from '../../activities/vault/ssh-keys.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { askSshKeyChange } from '../look.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print } from '../output.ts';
import { inSession, type Session } from '../session.ts';
import { rotateSshKey, type SshKeyRotation } from '../ssh-key.ts';
import { operatorToken } from './init.ts';

type RotateOptions = ClusterOptions & OutputOptions;

/**
 * `cke-client ssh rotate-key`: another key opens the nodes. Both do until the new one is seen to work everywhere; repeated, it goes on
 * where it stopped. Exit code 3 when a server needs a person.
 */
export function rotateSshKeyCommand(): Command {
  const command = new Command('rotate-key')
    .description('log in to the nodes with a new key: add it, try it, use it, and take the old one out')
    .action(async (options: RotateOptions) => {
      process.exitCode = await inSession(options, (session) => rotate(session, options));
    })
    .addHelpText('after', "\nThe operator's token is read from VAULT_TOKEN, used here only, and kept nowhere.");
  return withExamples(withOutput(withCluster(command)), [
    'VAULT_TOKEN=$(cat ~/.vault-token) cke-client ssh rotate-key',
  ]);
}

async function rotate(session: Session, options: RotateOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const { addresses, ca_file: caFile } = session.settings.vault;
  const call = { client: createVaultClient({ addresses, caFile }), token: operatorToken(), cluster };
  const temporal = await session.temporal();
  const note = async (change: LoginKeyRecord['change']) => {
    const fingerprint = await newSshKeyFingerprint(call);
    const record = { at: new Date().toISOString(), by: operatorName(), change, fingerprint };
    await session.store().loginKeys.append(cluster, record);
  };
  // Told before it is done: what is on record may be done twice, what is done is always on record.
  const rotation = await rotateSshKey({
    stage: () => sshKeyStage(call),
    make: () => makeNextSshKey(call),
    use: () => note('used').then(() => useNextSshKey(call)),
    forget: () => note('alone').then(() => forgetPreviousSshKey(call)),
    onServers: (change) => askSshKeyChange(temporal, { cluster, change }),
    tell: (line) => void stderr.write(`${cluster}: ${line}\n`),
  });
  print({ data: { cluster, ...rotation }, format: options.output, asText: (data) => rotationText(data) });
  return rotation.state === 'done' ? exitCodes.ok : exitCodes.attention;
}

/** Pure. */
export function rotationText({ state, servers }: SshKeyRotation): string {
  const failed = servers.flatMap((one) => (one.state === 'failed' ? [`  ! ${one.because}`] : []));
  const own = servers.filter((one) => one.state === 'has a key of its own').map(({ server }) => server);
  const changed = servers.filter((one: ServerOutcome) => one.state === 'done').length;
  const ends = {
    done: `The new key opens ${count(changed, 'server')}, the old one none.`,
    authorising: 'The old key is still the one that is used, and it opens all of them:',
    withdrawing: 'The new key is used. The old one was not taken out everywhere:',
  };
  return [
    ends[state],
    ...failed,
    ...(own.length === 0 ? [] : [`Left alone, with a key of their own: ${own.join(', ')}`]),
    ...(state === 'done' ? [] : ['Next: cke-client ssh rotate-key goes on when this is mended']),
  ].join('\n');
}
