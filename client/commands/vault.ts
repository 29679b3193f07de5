import { stdout } from 'node:process';
import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import { type ClusterOptions, withCluster, withExamples } from '../options.ts';
import { inSession } from '../session.ts';

/** `cke-client vault …`: what a person does by hand about the manager's access to Vault. */
export function vaultCommand(): Command {
  return new Command('vault').description("the manager's own access to Vault").addCommand(rotateSecretIdCommand());
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
