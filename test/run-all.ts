import process from 'node:process';
import type { Outcome } from './run-all/count.ts';
import { lint } from './run-all/lint.ts';
import { openPlace } from './run-all/place.ts';
import type { RunContext } from './run-all/place.ts';
import { prepare } from './run-all/prepare.ts';
import { runSuite, suites } from './run-all/suites.ts';
import { broken, totalsOf, verdictText } from './run-all/verdict.ts';

/** For lint and all layers once the servers are built: the last ones get less when time runs out, so that there is an answer. */
const wholeMinutes = 58;

/** `npm test`: lint and the five layers of tests one after the other, whatever fails. Leaves nothing running. */
async function runAll(signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const place = await openPlace();
  try {
    await runEach(outcomes, { place, signal, end: Date.now() + wholeMinutes * 60_000 });
    if (signal.aborted) outcomes.push(broken('everything else', `not run: ended by ${String(signal.reason)}`));
  } catch (error) {
    outcomes.push(broken('npm test', error instanceof Error ? error.message : String(error)));
  } finally {
    const left = await place.close();
    if (left.length > 0) outcomes.push(broken('cleaning up', left.join('; ')));
  }
  return outcomes;
}

async function runEach(outcomes: Outcome[], context: RunContext): Promise<void> {
  outcomes.push(await lint(context));
  let building = 0;
  for (const suite of suites) {
    if (context.signal.aborted) return;
    if (suite.needs === 'servers' && building === 0) {
      const { outcome, milliseconds } = await prepare(context);
      building = milliseconds;
      outcomes.push(...outcome);
    }
    outcomes.push(await runSuite(suite, { ...context, end: context.end + building }));
  }
}

const cancelled = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cancelled.abort(signal));

const outcomes = await runAll(cancelled.signal);
const { passed, failed } = totalsOf(outcomes);
process.stdout.write(verdictText(outcomes));
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
