import { firstValue, type Operation, type Read, type Violation, type Write } from './history.ts';
import { againstRealTime, type Placed } from './real-time.ts';

/**
 * Checks one register. Every value is written once at most, and only over the value that was read before: so the value that it holds at
 * last tells, from write to write, all that it ever held, and in which order. The last read has to be one after all else.
 */
export function checkRegister(object: string, history: readonly Operation[]): Violation[] {
  const writes = history.filter((one): one is Write => one.kind === 'write' && one.object === object);
  const reads = history.filter((one): one is Read => one.kind === 'read' && one.object === object);
  const last = reads.toSorted((a, b) => a.begin - b.begin).at(-1);
  if (last === undefined) return [];
  const places = placesUpTo(last.value, writes);
  if (places === undefined)
    return [{ kind: 'thin-air', object, because: `it holds ${last.value}, which comes from no write` }];
  return [
    ...writes.flatMap((write) => judgeWrite(write, places)),
    ...reads.flatMap((read) => judgeRead(read, places, writes)),
    ...againstRealTime([...writes, ...reads].flatMap((one) => placed(one, places))),
  ];
}

/** The values that it held, each with its place; undefined when the last one does not go back to the first. */
function placesUpTo(value: string, writes: readonly Write[]): Map<string, number> | undefined {
  const writeOf = new Map(writes.map((write) => [write.to, write]));
  const values = [value];
  for (let at = value; at !== firstValue;) {
    const write = writeOf.get(at);
    if (write === undefined || values.length > writes.length) return undefined;
    at = write.from;
    values.push(at);
  }
  return new Map(values.toReversed().map((held, index) => [held, index]));
}

function judgeWrite({ object, from, to, outcome }: Write, places: Map<string, number>): Violation[] {
  const held = places.has(to);
  if (outcome === 'ok' && !held)
    return [{ kind: 'lost', object, because: `the write ${from} → ${to} was acknowledged, and is not there` }];
  if (outcome === 'failed' && held)
    return [{ kind: 'thin-air', object, because: `the write ${from} → ${to} was refused, and is there` }];
  return [];
}

function judgeRead({ object, value }: Read, places: Map<string, number>, writes: readonly Write[]): Violation[] {
  if (places.has(value)) return [];
  return writes.some(({ to }) => to === value)
    ? [{ kind: 'lost', object, because: `${value} was read, and is not there` }]
    : [{ kind: 'thin-air', object, because: `${value} was read, and nobody wrote it` }];
}

function placed(operation: Write | Read, places: Map<string, number>): Placed[] {
  const { object, begin, end } = operation;
  const value = operation.kind === 'write' ? operation.to : operation.value;
  const place = places.get(value);
  if (place === undefined) return [];
  if (operation.kind === 'read') return [{ object, begin, end, place, effect: 'read', what: `a read of ${value}` }];
  const answered = operation.outcome === 'unknown' ? Infinity : end;
  return [{ object, begin, end: answered, place, effect: 'write', what: `the write of ${value}` }];
}
