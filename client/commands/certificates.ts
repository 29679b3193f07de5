import { Command } from 'commander';
import { rotateCaCommand } from './rotate-ca.ts';

/** `cke-client certificates …`: what a person does about certificates; renewal happens by itself. */
export function certificatesCommand(): Command {
  const command = new Command('certificates').description('rotate CAs');
  for (const sub of [rotateCaCommand()]) command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
