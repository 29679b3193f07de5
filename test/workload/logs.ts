import type { Append, LogRead, Operation, Violation } from './history.ts';
import { againstRealTime, type Placed } from './real-time.ts';

/** Checks one log, to whose end alone things are added. The last read has to be one after all else. */
export function checkLog(object: string, history: readonly Operation[]): Violation[] {
  const appends = history.filter((one): one is Append => one.kind === 'append' && one.object === object);
  const reads = history.filter((one): one is LogRead => one.kind === 'log-read' && one.object === object);
  const last = reads.toSorted((a, b) => a.begin - b.begin).at(-1);
  if (last === undefined) return [];
  const places = new Map(last.entries.map((entry, index) => [entry, index + 1]));
  return [
    ...judgeEntries(object, last.entries, appends),
    ...appends.flatMap(({ entry, outcome }): Violation[] =>
      outcome === 'ok' && !places.has(entry)
        ? [{ kind: 'lost', object, because: `${entry} was acknowledged, and is not there` }]
        : [],
    ),
    ...reads.flatMap((read) => judgeRead(read, last.entries)),
    ...againstRealTime([...appends, ...reads].flatMap((one) => placed(one, places))),
  ];
}

function judgeEntries(object: string, entries: readonly string[], appends: readonly Append[]): Violation[] {
  const outcomes = new Map(appends.map(({ entry, outcome }) => [entry, outcome]));
  return [...Map.groupBy(entries, (entry) => entry)].flatMap(([entry, copies]): Violation[] => {
    if (copies.length > 1) return [{ kind: 'duplicate', object, because: `${entry} is there ${copies.length} times` }];
    const outcome = outcomes.get(entry);
    if (outcome === undefined) return [{ kind: 'thin-air', object, because: `nobody wrote ${entry}` }];
    return outcome === 'failed' ? [{ kind: 'thin-air', object, because: `${entry} was refused, and is there` }] : [];
  });
}

/** Every read saw the beginning of what is there at last. */
function judgeRead({ object, entries }: LogRead, last: readonly string[]): Violation[] {
  const index = entries.findIndex((entry, at) => last[at] !== entry);
  if (index === -1) return [];
  const place = `at place ${index + 1}`;
  return [
    { kind: 'lost', object, because: `${entries[index]} was read ${place}, and ${last[index] ?? 'nothing'} is there` },
  ];
}

function placed(operation: Append | LogRead, places: Map<string, number>): Placed[] {
  const { object, begin, end } = operation;
  if (operation.kind === 'log-read') {
    const place = operation.entries.length;
    return [{ object, begin, end, place, effect: 'read', what: `a read of ${place} entries` }];
  }
  const place = places.get(operation.entry);
  if (place === undefined) return [];
  const answered = operation.outcome === 'unknown' ? Infinity : end;
  return [{ object, begin, end: answered, place, effect: 'write', what: `the append of ${operation.entry}` }];
}
