/** The order of what is done to one node's files. */
export interface Turns {
  /** Runs calls one after the other. */
  inTurn: <T>(call: () => Promise<T>) => Promise<T>;
  /** Runs the call when its turn comes, once for all who asked before it began. */
  shared: (call: () => Promise<void>) => Promise<void>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
    const mine = last.then(call, call);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    inTurn,
    shared: (call) => {
      next ??= inTurn(() => {
        next = undefined;
        return call();
      });
      return next;
    },
  };
}
