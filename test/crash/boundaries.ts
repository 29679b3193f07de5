import { env } from 'node:process';
import type { Boundary } from '../e2e/deaths.ts';

/** Every activity of a replacement of a healthy control plane, in the order in which it comes to them for the first time. */
const replacement = [
  'acceptDeclaration',
  'observeAndDecide',
  'evictPods',
  'updateApiEndpoints',
  'checkNode',
  'enrolNode',
  'pullImages',
  'createFileContainer',
  'installFiles',
  'replaceContainer',
  'awaitHealthy',
  'takeEtcdSnapshot',
  'recordMembership',
  'createDataDirectory',
  'addLearner',
  'startLearner',
  'updateEtcdEndpoints',
  'updateNodeAttributes',
  'installCniConfiguration',
  'recordSettled',
  'restartMember',
  'awaitMemberSynced',
  'promoteLearner',
  'stopContainer',
  'moveLeaderAway',
  'removeMember',
  'recordRemoval',
  'stopRemovedMember',
  'trashDirectory',
  'dropMembership',
  'removeContainer',
  'deleteNodeObject',
  'removeFiles',
  'removeFileContainer',
  'forgetNode',
  'finishOperation',
];

const from = (first: string, last: string) =>
  replacement.slice(replacement.indexOf(first), replacement.indexOf(last) + 1);

/** A dead member goes first, by itself; what is left on its machine is cleaned when that comes back. */
const deadReplacement = [
  ...from('checkNode', 'createFileContainer'),
  'takeEtcdSnapshot',
  'removeMember',
  'recordRemoval',
  'recordMembership',
  ...from('createDataDirectory', 'startLearner'),
  ...from('recordSettled', 'promoteLearner'),
  ...from('stopRemovedMember', 'removeContainer'),
  ...from('removeFiles', 'forgetNode'),
];

const additions = [
  ...from('enrolNode', 'createFileContainer'),
  ...from('takeEtcdSnapshot', 'startLearner'),
  ...from('recordSettled', 'promoteLearner'),
];
const removals = ['evictPods', ...from('stopContainer', 'forgetNode')];

/** A member whose data are gone is taken out, and comes back as another one with data of its own. */
const remade = [
  'takeEtcdSnapshot',
  ...from('removeMember', 'dropMembership'),
  ...from('recordMembership', 'startLearner'),
  ...from('recordSettled', 'promoteLearner'),
];

/** Every boundary of each sequence, the activity's both sides. */
export const boundariesOf = {
  healthy: bothSides(replacement),
  dead: bothSides(deadReplacement),
  additions: bothSides(additions),
  removals: bothSides(removals),
  remade: bothSides(remade),
};

/** Names of the activities that have a boundary in a replacement: whatever else an operation calls was forgotten here. */
export const known: readonly string[] = replacement;

function bothSides(activities: readonly string[]): Boundary[] {
  return activities.flatMap((activity) => [
    { activity, when: 'before' as const },
    { activity, when: 'after' as const },
  ]);
}

/**
 * Boundaries that share a run of their own, in their order and far apart: `CKE_CRASH_DEATHS=1` has one death a run, for hours, 5 gets
 * through sooner. None without it: then one run has a death at every boundary.
 */
export function runsOf(boundaries: readonly Boundary[]): Boundary[][] {
  const deaths = Number(env['CKE_CRASH_DEATHS'] ?? 0);
  const runs = deaths === 0 ? 0 : Math.ceil(boundaries.length / deaths);
  return Array.from({ length: runs }, (_, run) => boundaries.filter((_one, index) => index % runs === run));
}
