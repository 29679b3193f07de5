import { learnersOf, type ObservedEtcd } from '../etcd/quorum.ts';
import { nothing, type Contribution, type Facts, type Placement } from './facts.ts';
import { addMissing } from './membership-add.ts';
import { removeEmptied, removeFailed } from './membership-failed.ts';
import type { Membering } from './membership-change.ts';
import { guideLearner } from './membership-learner.ts';
import { retire } from './membership-retire.ts';
import { removeSurplus } from './membership-surplus.ts';

/**
 * The one membership change that may be under way (I-04), in this order: what is left of removed members is put away, failed members
 * go, a learner is brought to its end, missing ones come, and only then a healthy one that is not wanted any more goes. A failed
 * member goes although a learner is there: without it the learner may never be promoted (I-07 wants a quorum of the grown cluster).
 */
export function changeMembership(facts: Facts, etcd: ObservedEtcd, members: Placement[]): Contribution {
  const { etcd: record } = facts.observation.records;
  if (record.state !== 'done') return nothing;
  const input = { facts, etcd, record, members };
  const left = retire(input);
  const [learner] = learnersOf(etcd);
  const failed = removeFailed(input);
  const goes = failed !== undefined && failed.steps.length > 0;
  const change =
    learner && !goes
      ? besideEmptied(input, guideLearner(input, learner))
      : (failed ?? removeEmptied(input) ?? addMissing(input) ?? removeSurplus(input) ?? nothing);
  return { ...change, steps: [...left, ...change.steps] };
}

/** A learner that waits may wait for a voter whose data are gone, and which never comes back as it is: that one goes meanwhile. */
function besideEmptied(input: Membering, guided: Contribution): Contribution {
  if (guided.steps.length > 0 || guided.blockers.some(({ gate }) => gate === 'I-13')) return guided;
  return { ...guided, steps: removeEmptied(input)?.steps ?? [] };
}
