import { additions } from './additions.ts';
import { apiServerGuards } from './api-servers.ts';
import { directories } from './directories.ts';
import { etcdMembers } from './etcd-members.ts';
import type { Mutant } from './mutant.ts';
import { oneWriter } from './one-writer.ts';
import { removals } from './removals.ts';

/** One mutant for each guard. That voters are never added (I-05) has none: the client can't express it. */
export const mutants: readonly Mutant[] = [
  ...additions,
  ...removals,
  ...directories,
  ...oneWriter,
  ...etcdMembers,
  ...apiServerGuards,
];
