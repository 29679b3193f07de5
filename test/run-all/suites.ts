import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, stdout } from 'node:process';
import { repository } from '../../lab/state.ts';
import { count } from './count.ts';
import type { Outcome } from './count.ts';
import { execute } from './execute.ts';
import type { RunContext } from './place.ts';

/** One project of vitest.config.ts. */
export interface Suite {
  readonly name: string;
  /** A hang ends here. */
  readonly limitMinutes: number;
  readonly needs: 'nothing' | 'servers';
}

/** From the fastest to the slowest: what fails soon is known soon. */
export const suites: readonly Suite[] = [
  { name: 'unit', limitMinutes: 3, needs: 'nothing' },
  { name: 'simulation', limitMinutes: 8, needs: 'nothing' },
  { name: 'workflow', limitMinutes: 8, needs: 'servers' },
  { name: 'integration', limitMinutes: 15, needs: 'servers' },
  { name: 'e2e', limitMinutes: 50, needs: 'servers' },
];

/** Runs one project within its limit and what is left of the whole, and counts its tests. */
export async function runSuite({ name, limitMinutes }: Suite, { place, signal, end }: RunContext): Promise<Outcome> {
  const json = join(place.directory, `${name}.json`);
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
  stdout.write(`\n=== ${name}\n`);
  const ending = await execute({
    title: name,
    argv: [execPath, vitest, 'run', '--project', name, '--root', repository],
    env: { ...place.environment, CKE_TEST_REPORT: json },
    limitMilliseconds: Math.max(1000, Math.min(limitMinutes * 60_000, end - Date.now())),
    signal,
  });
  return count({ suite: name, ending, json: existsSync(json) ? readFileSync(json, 'utf8') : undefined });
}
