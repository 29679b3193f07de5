import type { ApprovalRecord } from '../../activities/store/approvals.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import { isReachable, violate, type Host, type World } from './model/world.ts';

/** One run of the operation: the manager's process may die under it, and what it had under way lives on for a while. */
export interface Run {
  epoch: number;
  state: 'alive' | 'dead';
  /** What it acts upon now. */
  decision?: Decision;
}

/** What was so when a run decided: it can't be blamed for what became of it since. */
export interface Decision {
  declaration: Declaration;
  revision: number;
  /** What people had said yes to, and it held. */
  approved: ApprovalRecord[];
  /** Hosts that were there to be seen, or could have been: those that come back later come as they are. */
  powered: Set<string>;
}

/** How a call on the outside world ends. */
export type Ending = 'done' | 'answer lost' | 'not sent';

/** An effect that was asked for and has not happened yet. */
export interface Call {
  kind: 'effect' | 'moment';
  what: string;
  run: Run;
  end(ending: Ending): void;
}

interface Sleep {
  until: number;
  wake: () => void;
}

/** Calls of all runs that are under way: the schedule decides which of them happens next, and how. */
export interface Calls {
  pending: Call[];
  /** Something irreversible on a host, or on a server when there is no host. Without delay it follows what was just read at once (E-04). */
  effect<T>(call: { what: string; run: Run; host?: Host; act: () => T; delay?: 'none' }): Promise<T>;
  /** A question: answered at once. */
  read<T>(host: Host | undefined, answer: () => T): Promise<T>;
  /** A moment between two things of the manager's own: whatever happens meanwhile, it comes. */
  moment(what: string, run: Run): Promise<void>;
  sleep(seconds: number): Promise<void>;
  wakeUp(): void;
  isAsleep(): boolean;
}

export function createCalls(world: World): Calls {
  const pending: Call[] = [];
  let sleeps: Sleep[] = [];
  return {
    pending,
    effect: ({ what, run, host, act, delay }) =>
      new Promise((resolve, reject) => {
        const call: Call = {
          kind: 'effect',
          what,
          run,
          end: (ending) => {
            pending.splice(pending.indexOf(call), 1);
            if (ending !== 'not sent' && run.epoch < world.epoch)
              violate(world, 'P5', `${what} happened by epoch ${run.epoch} when ${world.epoch} held`);
            if (ending === 'not sent' || (host && !isReachable(host))) return reject(unreachable(what));
            try {
              const result = act();
              if (ending === 'answer lost') reject(unreachable(what));
              else resolve(result);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          },
        };
        pending.push(call);
        if (delay === 'none') call.end(world.faults === 'on' && world.random() < 0.05 ? 'answer lost' : 'done');
      }),
    read: async (host, answer) => {
      if (host && !isReachable(host)) throw unreachable(`look at ${host.name}`);
      return answer();
    },
    moment: (what, run) =>
      new Promise((resolve) => {
        const call: Call = {
          kind: 'moment',
          what,
          run,
          end: () => {
            pending.splice(pending.indexOf(call), 1);
            resolve();
          },
        };
        pending.push(call);
      }),
    sleep: (seconds) => new Promise((wake) => sleeps.push({ until: world.now + seconds, wake })),
    wakeUp: () => {
      const due = sleeps.filter(({ until }) => until <= world.now);
      sleeps = sleeps.filter(({ until }) => until > world.now);
      for (const { wake } of due) wake();
    },
    isAsleep: () => sleeps.length > 0,
  };
}

function unreachable(what: string): CkeError {
  return new CkeError({ code: 'NodeUnreachable', message: `${what}: no answer`, remedy: 'retry' });
}
