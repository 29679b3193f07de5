import { Command } from 'commander';
import { acceptHostKeyCommand } from './ssh-accept-host-key.ts';
import { rotateSshKeyCommand } from './ssh-rotate-key.ts';

/** `cke-client ssh …`: what a person does about the login to the nodes. */
export function sshCommand(): Command {
  const command = new Command('ssh').description('the key that opens the nodes, and the keys by which they are known');
  for (const sub of [rotateSshKeyCommand(), acceptHostKeyCommand()])
    command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
