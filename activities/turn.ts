import { AsyncLocalStorage } from 'node:async_hooks';

/** An attempt that has not beaten for so long was frozen: Temporal may have started the next one by the time it goes on (rule E-04). */
const longestSilenceMs = 7_000;

/** The turn of one attempt at an activity, by a clock that nobody sets. */
export interface Turn {
  /** It lives. Says whether it still has its turn: once lost it stays lost, whichever is run first after it was frozen. */
  beat(): 'kept' | 'lost';
}

const turns = new AsyncLocalStorage<Turn>();

export function createTurn(now: () => number = () => performance.now()): Turn {
  const state = { last: now(), isLost: false };
  return {
    beat: () => {
      const at = now();
      state.isLost ||= at - state.last > longestSilenceMs;
      state.last = at;
      return state.isLost ? 'lost' : 'kept';
    },
  };
}

/** Runs an attempt, of which everything that it calls can ask whether it still has its turn. */
export function takingTurn<T>(turn: Turn, attempt: () => Promise<T>): Promise<T> {
  return turns.run(turn, attempt);
}

/** Whether the attempt that asks was frozen so long that another one may act in its place. */
export function hasLostTurn(): boolean {
  return turns.getStore()?.beat() === 'lost';
}
