import { additions } from './additions.ts';
import { apiServerGuards } from './api-servers.ts';
import { approvalGuards } from './approvals.ts';
import { directories } from './directories.ts';
import { etcdMembers } from './etcd-members.ts';
import type { Mutant } from './mutant.ts';
import { oneWriter } from './one-writer.ts';
import { rotationGuards } from './rotations.ts';
import { removals } from './removals.ts';
import { membersSeenByTests } from './members-seen-by-tests.ts';
import { dataSeenByTests } from './data-seen-by-tests.ts';
import { operatorSeenByTests } from './operator-seen-by-tests.ts';
import { versionGuards } from './versions.ts';

/** One mutant for each guard, at least: those of etcd's members (I-…), of their data (W-…), of there being one operator (E-…), and others. */
export const mutants: readonly Mutant[] = [
  ...additions,
  ...removals,
  ...directories,
  ...oneWriter,
  ...etcdMembers,
  ...apiServerGuards,
  ...membersSeenByTests,
  ...dataSeenByTests,
  ...operatorSeenByTests,
  ...versionGuards,
  ...approvalGuards,
  ...rotationGuards,
];
