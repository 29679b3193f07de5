import { setTimeout as sleep } from 'node:timers/promises';
import type { Doors } from './doors.ts';
import type { Held, Store } from './etcd-store.ts';
import { firstValue, type Operation, type Outcome } from './history.ts';

/** One client that works until it is told to stop: reads an object, then changes it on the ground of what it read. */
export interface Client {
  readonly name: string;
  /** What it works on; one at random each time. */
  readonly objects: readonly string[];
  readonly kind: 'register' | 'log';
  readonly doors: Doors<Store>;
  readonly pauseMilliseconds: number;
}

const now = (): number => performance.now();

/** Works until `stop` and notes each operation in `history`; a server that does not answer is left alone for a while. */
export async function work(client: Client, history: Operation[], stop: AbortSignal): Promise<void> {
  const { name, objects, doors, pauseMilliseconds } = client;
  for (let count = 1; !stop.aborted; count++) {
    const object = objects[Math.floor(Math.random() * objects.length)] ?? '';
    const store = doors.pick();
    try {
      const held = await readOnce(client, { object, store, history });
      if (held) await changeOnce(client, { object, store, history, held, mark: `${name}-${count}` });
    } catch {
      doors.shun(store);
    }
    await sleep(pauseMilliseconds * (0.5 + Math.random()));
  }
}

interface Turn {
  readonly object: string;
  readonly store: Store;
  readonly history: Operation[];
}

/** Reads and notes what was answered. Throws when nothing was. */
export async function readOnce({ kind }: Pick<Client, 'kind'>, turn: Turn): Promise<Held | undefined> {
  const { object, store, history } = turn;
  const begin = now();
  const held = await store.read(object);
  const end = now();
  if (kind === 'register') history.push({ kind: 'read', object, begin, end, value: held?.value ?? 'nothing' });
  else history.push({ kind: 'log-read', object, begin, end, entries: entriesOf(held) });
  return held;
}

const entriesOf = (held: Held | undefined): string[] => (held?.value ?? '').split(' ').filter((entry) => entry !== '');

/** One change, noted with whatever became of it. Throws when it was not answered. */
async function changeOnce({ kind }: Client, turn: Turn & { held: Held; mark: string }): Promise<void> {
  const { object, store, history, held, mark } = turn;
  const begin = now();
  const note = (outcome: Outcome) => {
    const end = now();
    if (kind === 'log') history.push({ kind: 'append', object, begin, end, entry: mark, outcome });
    else history.push({ kind: 'write', object, begin, end, from: held.value, to: mark, outcome });
  };
  try {
    note(await store.write(object, held, kind === 'log' ? `${held.value} ${mark}` : mark));
  } catch (error) {
    note('unknown');
    throw error;
  }
}

/** What an object of that kind holds before the first change. */
export const beginning = (kind: Client['kind']): string => (kind === 'log' ? '' : firstValue);
