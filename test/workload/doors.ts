/** Servers that clients may ask, some of which may be away: who did not answer is left alone for a while. */
export interface Doors<T> {
  /** One of those that may answer, at random. */
  pick(): T;
  shun(door: T): void;
}

const shunMilliseconds = 3_000;

export function createDoors<T>(all: readonly T[]): Doors<T> {
  const shunned = new Map<T, number>();
  return {
    pick() {
      const now = Date.now();
      const open = all.filter((door) => now - (shunned.get(door) ?? 0) >= shunMilliseconds);
      const from = open.length > 0 ? open : all;
      const door = from[Math.floor(Math.random() * from.length)];
      if (door === undefined) throw new Error('there is no server to ask');
      return door;
    },
    shun: (door) => void shunned.set(door, Date.now()),
  };
}
