import { expect } from 'vitest';
import { boundaryText, withDeathAtEach, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { untilClean } from '../e2e/standing.ts';
import { figure, memberNames, nothingLeft, reconcile, seconds, until } from '../e2e/story.ts';
import { underLoad, type Load } from '../e2e/under-load.ts';
import { expectStanding } from '../e2e/whole.ts';

/** Each death costs the ten seconds after which it is noticed, and there are about seventy on the way. */
export const patienceSeconds = 2400;

type Story = (load: Load) => Promise<void>;

/** The worker dies once at every boundary on the way; those of `known` are among them. Nothing is lost, half or double afterwards. */
export async function survivesEach(what: string, known: readonly Boundary[], story: Story): Promise<void> {
  const begun = performance.now();
  const tried = await underLoad(what, (load) => withDeathAtEach(() => story(load)));
  figure(`${what}: ${tried.length} deaths`, seconds(performance.now() - begun));
  figure('died', tried.join(', '));
  await expectWholeAgain();
  expect(
    known.map(boundaryText).filter((boundary) => !tried.includes(boundary)),
    'never reached',
  ).toEqual([]);
}

/** The same with a death at each of these, in this order. */
export async function survives(run: readonly Boundary[], story: Story): Promise<void> {
  const begun = performance.now();
  const what = run.map(boundaryText).join(', ');
  await underLoad(what, (load) => withDeaths(run, () => story(load)));
  figure('… with the recovery', seconds(performance.now() - begun));
  await expectWholeAgain();
}

async function expectWholeAgain(): Promise<void> {
  expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [], blockers: [] });
  await expectStanding();
}

/** Waits, while workers die, until these are etcd's members and nobody else, the machines that left are clean, and nothing is left to do. */
export async function untilSettled(members: readonly string[], left: readonly string[]): Promise<void> {
  const wanted = members.toSorted().join();
  const patience = { seconds: patienceSeconds, everyMilliseconds: 2000 };
  await until(`the members ${wanted}`, async () => (await memberNames()).join() === wanted || undefined, patience);
  for (const name of left) await untilClean(name, patienceSeconds);
  await until('an operation that finds nothing to do', nothingLeft, patience);
}
