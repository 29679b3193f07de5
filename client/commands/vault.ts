import { stdout } from 'node:process';
import { Command } from 'commander';
import { writeKeyFile } from '../../activities/payloads/key-file.ts';
import { createVaultClient } from '../../activities/vault/client.ts';
import { namespaceSlug } from '../../activities/vault/paths.ts';
import { rotatePayloadKey } from '../../activities/vault/payload-keys.ts';
import { chosenCluster } from '../cluster-name.ts';
import { type ClusterOptions, type ConnectionOptions, withCluster, withConfig, withExamples } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { operatorToken } from './init.ts';

/** `cke-client vault …`: what a person does by hand about the manager's access to Vault. */
export function vaultCommand(): Command {
  return new Command('vault')
    .description("the manager's own access to Vault")
    .addCommand(rotateSecretIdCommand())
    .addCommand(rotatePayloadKeyCommand());
}

/** `cke-client vault rotate-secret-id`: at once, for one that may have been seen; the worker does it by itself before it expires. */
function rotateSecretIdCommand(): Command {
  const command = new Command('rotate-secret-id')
    .description('exchange what this machine logs in to Vault with, and destroy the old one')
    .action((options: ClusterOptions) =>
      inSession(options, async (session) => {
        const cluster = await chosenCluster(session, options);
        await session.vault().renewSecretId({ cluster, when: 'now' });
        stdout.write(
          `${cluster}: the secret-id is a new one, the old one is destroyed.\n` +
            `Another machine that had a copy of the old one needs: cke-client init ${cluster}\n`,
        );
      }),
    );
  return withExamples(withCluster(command), ['cke-client vault rotate-secret-id --cluster prod']);
}

/** `cke-client vault rotate-payload-key`: from now on another key encrypts what goes to Temporal. */
function rotatePayloadKeyCommand(): Command {
  const command = new Command('rotate-payload-key')
    .description('encrypt what goes to Temporal with a new key; the old ones stay, for what is written')
    .action((options: ConnectionOptions) => inSession(options, rotatePayloadKeyOf))
    .addHelpText('after', "\nThe operator's token is read from VAULT_TOKEN, used here only, and kept nowhere.");
  return withExamples(withConfig(command), ['VAULT_TOKEN=$(cat ~/.vault-token) cke-client vault rotate-payload-key']);
}

async function rotatePayloadKeyOf({ settings }: Session): Promise<void> {
  const { vault, temporal, credentials_directory: directory } = settings;
  const client = createVaultClient({ addresses: vault.addresses, caFile: vault.ca_file });
  const { keys } = await rotatePayloadKey({ client, token: operatorToken(), namespace: temporal.namespace });
  await writeKeyFile({ directory, namespace: namespaceSlug(temporal.namespace) }, keys);
  const count = Object.keys(keys.keys).length;
  stdout.write(`${temporal.namespace}: key ${keys.current} encrypts from now on, ${count} keys decrypt.\n`);
}
