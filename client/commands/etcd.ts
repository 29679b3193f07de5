import { Command } from 'commander';
import { etcdBackupCommand } from './etcd-backup.ts';
import { etcdBackupsCommand } from './etcd-backups.ts';
import { etcdRestoreCommand } from './etcd-restore.ts';
import { etcdRootCertCommand } from './etcd-root-cert.ts';
import { addEtcdUserCommand } from './etcd-user-add.ts';

/** `cke-client etcd …`: backups of a cluster's etcd, and people's and applications' access to it. */
export function etcdCommand(): Command {
  const command = new Command('etcd').description("backups of a cluster's etcd, and access to it");
  const user = new Command('user').description('users of applications, known by a certificate');
  user.addCommand(addEtcdUserCommand().copyInheritedSettings(user));
  const commands = [etcdBackupCommand(), etcdBackupsCommand(), etcdRestoreCommand(), user, etcdRootCertCommand()];
  for (const sub of commands) command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
