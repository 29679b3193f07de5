import type { ApprovalRecord } from '../../activities/store/approvals.ts';
import { answer, expire, stands } from './model/approvals.ts';
import { latest, say, type World } from './model/world.ts';
import { pick } from './schedules.ts';

const person = 'somebody';

/** A person answers a question: one that waits or, as may happen, one that has ended. Or its time is over. */
export function answerOne(world: World, choice: number): void {
  const open = world.approvals.filter((record) => stands(world, record));
  const waiting = open.filter((record) => record.answer === undefined);
  const what = pick(
    ['approved', 'approved', 'approved', 'approved', 'rejected', 'expired', 'replayed'] as const,
    choice,
  );
  const pool = what === 'expired' ? open : what === 'replayed' ? world.approvals : waiting;
  if (pool.length === 0) return;
  const record = pick(pool, choice >> 3);
  if (what === 'expired') expire(world, record);
  else answer(world, record, { answer: what === 'rejected' ? 'rejected' : 'approved', by: person });
}

/** Whatever waits gets its yes. */
export function approveAll(world: World): void {
  for (const record of world.approvals)
    if (record.answer === undefined && stands(world, record)) answer(world, record, { answer: 'approved', by: person });
}

/** What a person has said no to, and is wanted still. */
export function rejections(world: World): ApprovalRecord[] {
  const revision = world.declarations.length;
  return world.approvals.filter(
    (record) => record.answer?.answer === 'rejected' && record.revision === revision && stands(world, record),
  );
}

/** Another revision of the same declaration, as if by a comment: everything is asked anew. */
export function declareAnew(world: World): void {
  world.declarations.push({ ...latest(world) });
  say(world, 'the declaration gets a comment');
}
