import { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CkeError, type ErrorCode } from '../cluster/errors.ts';
import type { OperationReport } from '../cluster/plan.ts';
import type { SavedPlan } from '../cluster/saved-plan.ts';
import { requestTicket } from './commands/reconcile.ts';
import { askStatus } from './requests.ts';
import type { Session } from './session.ts';

const EVERY_MS = 300;
/** After that a person is told what it waits for. */
const PATIENCE_MS = 3000;

interface Wish {
  saved: SavedPlan;
  by: string;
  because: string;
}

/** Has the next operation compare a saved plan with what it sees, and carry it out or refuse; returns its ticket. */
export function requestPlanned(session: Session, { saved, by, because }: Wish): Promise<number> {
  const { cluster } = saved;
  return requestTicket(session, { cluster, request: { requestedBy: by, because, planned: { ...saved, by } } });
}

/**
 * Has the next operation compare a saved plan with what it sees, under its lock, and accept its declaration. Returns the operation's
 * ticket once that is done.
 * @throws CkeError StalePlan, which says what differs; nothing was changed then
 */
export async function acceptUnderLock(session: Session, wish: Wish): Promise<number> {
  const { cluster, declaration, revision } = wish.saved;
  const client = await session.temporal();
  const { declarations } = session.store();
  const ticket = await requestPlanned(session, wish);
  const tellAt = Date.now() + PATIENCE_MS;
  for (let told = false; ;) {
    const status = await askStatus(client, cluster);
    if ((await declarations.get(cluster, revision))?.text === declaration) {
      stderr.write(`${cluster}: it is the plan that was read; revision ${revision} is accepted\n`);
      return ticket;
    }
    if (status?.lastReport && status.completedTicket >= ticket) throw refusalOf(cluster, status.lastReport);
    if (!told && Date.now() > tellAt) {
      stderr.write(`${cluster}: waiting for the running operation to end; then the plan is compared again\n`);
      told = true;
    }
    await sleep(EVERY_MS);
  }
}

function refusalOf(cluster: string, { outcome, failed: [failure] }: OperationReport): CkeError {
  return new CkeError({
    code: (failure?.code as ErrorCode | undefined) ?? 'StalePlan',
    message: failure?.message ?? `${cluster}: nothing was changed: the operation ended ${outcome} before it looked`,
    fix: 'cke-client plan FILE --out PLAN, read it, and apply --plan again',
    remedy: 'never',
  });
}
