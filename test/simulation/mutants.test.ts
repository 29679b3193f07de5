import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seeded } from './model/world.ts';
import { judge } from './mutation/judge.ts';
import { mutants } from './mutation/mutants.ts';
import { mutated } from './mutation/mutate.ts';

const root = new URL('../../', import.meta.url);

test.each(mutants.map(({ rule, removes, edits }) => [rule, removes, edits] as const))(
  'the guard of %s stands where the table of mutants says: %s',
  (_rule, _removes, edits) => {
    const texts = new Map(edits.map(({ file }) => [file, readFileSync(new URL(file, root), 'utf8')]));
    for (const edit of edits) texts.set(edit.file, mutated(texts.get(edit.file) ?? '', edit));
  },
);

test.each(mutants.flatMap(({ hunt }) => (hunt.in === 'a test' ? [[hunt.test.name, hunt.test.file] as const] : [])))(
  'the test "%s" stands where the table of mutants says: %s',
  (name, file) => expect(readFileSync(new URL(file, root), 'utf8')).toContain(name),
);

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}-${String(index + 1).padStart(2, '0')}`);

test('no rule on etcd’s members, on data and on operators is without a mutant (reliability §1.2 to §1.4)', () => {
  const rules = new Set(mutants.map(({ rule }) => rule));
  const all = [...numbered('I', 18), ...numbered('W', 10), ...numbered('E', 7)];
  expect(all.filter((rule) => !rules.has(rule))).toEqual([]);
});

/** How long mutants are hunted here, of those that small states show: `npm run simulate:mutants` hunts them all. */
const limitMilliseconds = 50_000;

/** The check of the check: with one guard taken away the simulation must find a broken rule. */
test('some mutants, chosen by chance: each is noticed', async () => {
  const seed = Number(process.env['SIMULATION_SEED'] ?? Math.floor(Math.random() * 1e6));
  const random = seeded(seed);
  const quick = mutants.filter(({ hunt, rule }) => hunt.in === 'small states' && rule.startsWith('I-'));
  const shuffled = quick.map((mutant) => ({ mutant, at: random() })).toSorted((a, b) => a.at - b.at);
  const signal = AbortSignal.timeout(limitMilliseconds);
  for (const { mutant } of shuffled) {
    const judgement = await judge(mutant, signal);
    expect(judgement.kind, `${mutant.rule}: ${mutant.removes}; SIMULATION_SEED=${seed}`).not.toBe('escaped');
    if (signal.aborted) return;
  }
});
