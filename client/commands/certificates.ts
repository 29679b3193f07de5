import { Command } from 'commander';
import { checkCertificatesCommand } from './certificates-check.ts';
import { listCertificatesCommand } from './certificates-list.ts';
import { rotateCertificatesCommand } from './certificates-rotate.ts';
import { rotateCaCommand } from './rotate-ca.ts';

/** `cke-client certificates …`: what a person does about certificates; renewal happens by itself. */
export function certificatesCommand(): Command {
  const command = new Command('certificates').description('list, check and rotate certificates, rotate CAs');
  const subs = [listCertificatesCommand(), checkCertificatesCommand(), rotateCertificatesCommand(), rotateCaCommand()];
  for (const sub of subs) command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
