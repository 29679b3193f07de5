import { Command } from 'commander';
import { deleteResourceCommand } from './resource-delete.ts';
import { diffResourcesCommand } from './resource-diff.ts';
import { getResourceCommand } from './resource-get.ts';
import { listResourcesCommand } from './resource-list.ts';
import { setResourcesCommand } from './resource-set.ts';

/** `cke-client resource …`: Kubernetes objects that the cluster is to have, beside those of users who bring their own. */
export function resourceCommand(): Command {
  const command = new Command('resource').description('Kubernetes objects that are kept as they are defined here');
  const subs = [
    setResourcesCommand(),
    diffResourcesCommand(),
    listResourcesCommand(),
    getResourceCommand(),
    deleteResourceCommand(),
  ];
  for (const sub of subs) command.addCommand(sub.copyInheritedSettings(command));
  return command;
}
