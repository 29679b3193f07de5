import { expect, test } from 'vitest';
import type { OperationReport } from '../cluster/plan.ts';
import { noted, withEarlier } from './follow.ts';

const report = (done: string[]): OperationReport => ({
  outcome: 'converged',
  rounds: 1,
  done,
  failed: [],
  blockers: [],
  waits: [],
  revision: 2,
  epoch: 9,
});
const ended = (lastFinishedAt: string, done: string[]) => ({ lastFinishedAt, lastReport: report(done) });

test.each<[string, Parameters<typeof noted>[1][], string[]]>([
  ['the very first operation', [{}, {}, ended('t1', ['bootstrap etcd'])], ['bootstrap etcd']],
  [
    'what was done before I asked is not mine',
    [ended('t1', ['old']), ended('t1', ['old']), ended('t2', ['new'])],
    ['new'],
  ],
  [
    'the event that my declaration was, began one before',
    [ended('t1', []), ended('t2', ['a']), ended('t3', ['b'])],
    ['a', 'b'],
  ],
  ['it was done before the first look', [ended('t2', ['quick'])], ['quick']],
  ['Temporal was silent for a while', [ended('t1', []), undefined, ended('t2', ['a'])], ['a']],
])('what was done while I waited? %s', (_, samples, done) => {
  const account = samples.reduce(noted, {});
  const last = samples.at(-1)?.lastReport ?? report([]);
  expect(withEarlier(account, last).done).toEqual(done);
});
