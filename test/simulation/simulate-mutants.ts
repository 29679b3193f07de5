import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { judge, type Judgement } from './mutation/judge.ts';
import { mutants } from './mutation/mutants.ts';
import { failsWithout } from './mutation/named-test.ts';

/** `npm run simulate:mutants [-- --only I-03] [--lanes CORES]`: takes away one guard after the other, and prints what noticed it. */
const { values } = parseArgs({
  options: { only: { type: 'string' }, lanes: { type: 'string', default: String(availableParallelism()) } },
});

const chosen = mutants.filter(({ rule }) => values.only === undefined || rule === values.only);
const rows: (readonly [rule: string, removes: string, by: string, after: string])[] = [];
const queue = chosen.entries();
let escaped = 0;

async function work(): Promise<void> {
  for (const [at, mutant] of queue) {
    const { rule, removes } = mutant;
    const judgement = await judge(mutant);
    if (judgement.kind !== 'caught') escaped += 1;
    rows[at] = [rule, removes, ...columns(judgement)];
    console.log(`${at + 1}/${chosen.length} ${rows[at].join(' | ')}`);
  }
}

function columns(judgement: Judgement): [by: string, after: string] {
  return judgement.kind === 'caught' ? [judgement.by.property, judgement.by.after] : ['NOTHING', judgement.kind];
}

/** A test that fails anyway would catch nothing. */
async function demandSoundTests(): Promise<void> {
  const tests = chosen.flatMap(({ hunt }) => (hunt.in === 'a test' ? [{ ...hunt.test, name: '' }] : []));
  const files = new Map(tests.map((test) => [test.file, test]));
  for (const test of files.values())
    if (await failsWithout([], test)) throw new Error(`${test.file} fails with all guards in place`);
  console.log(`${files.size} files of tests pass with all guards in place`);
}

await demandSoundTests();
await Promise.all(Array.from({ length: Number(values.lanes) }, work));
const table = new Table({ head: ['rule', 'taken away', 'caught by', 'after'], style: { head: [], border: [] } });
table.push(...rows.toSorted(([a], [b]) => a.localeCompare(b)).map((row) => [...row]));
console.log(table.toString());
console.log(`${chosen.length - escaped} of ${chosen.length} mutants are caught`);
if (escaped > 0) process.exitCode = 1;
