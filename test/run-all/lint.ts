import { stdout } from 'node:process';
import { join } from 'node:path';
import { repository } from '../../lab/state.ts';
import type { Ending, Outcome } from './count.ts';
import { execute } from './execute.ts';
import type { RunContext } from './place.ts';

const limitMilliseconds = 5 * 60_000;

const commands: Readonly<Record<string, readonly string[]>> = {
  oxlint: ['oxlint', '--type-aware'],
  prettier: ['prettier', '--check', '.'],
  tsc: ['tsc', '--noEmit'],
};

/** The linter, the formatter's check and the type check; together they count as one. */
export async function lint({ place, signal }: RunContext): Promise<Outcome> {
  const endings: [name: string, ending: Ending][] = [];
  for (const [name, [program = '', ...args]] of Object.entries(commands)) {
    stdout.write(`\n=== lint: ${name}\n`);
    const argv = [join(repository, 'node_modules', '.bin', program), ...args];
    const title = `lint: ${name}`;
    endings.push([name, await execute({ title, argv, env: place.environment, limitMilliseconds, signal })]);
  }
  const bad = endings.filter(([, { kind, code }]) => kind !== 'exited' || code !== 0);
  return {
    suite: 'lint',
    passed: bad.length === 0 ? 1 : 0,
    failed: bad.length === 0 ? 0 : 1,
    skipped: 0,
    milliseconds: endings.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0),
    failures: bad.map(([name, { kind, code }]) => `${name}: ${kind === 'exited' ? `exit code ${code}` : kind}`),
  };
}
