import { Command } from 'commander';
import { etcdRootCertCommand } from './etcd-root-cert.ts';
import { addEtcdUserCommand } from './etcd-user-add.ts';

/** `cke-client etcd …`: people's and applications' access to a cluster's etcd. */
export function etcdCommand(): Command {
  const command = new Command('etcd').description("access to a cluster's etcd");
  const user = new Command('user').description('users of applications, known by a certificate');
  user.addCommand(addEtcdUserCommand().copyInheritedSettings(user));
  for (const sub of [user, etcdRootCertCommand()]) command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
