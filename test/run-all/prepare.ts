import { join } from 'node:path';
import { execPath, stdout } from 'node:process';
import { repository } from '../../lab/state.ts';
import type { Outcome } from './count.ts';
import { execute } from './execute.ts';
import type { RunContext } from './place.ts';
import { broken } from './verdict.ts';

/** All of it, built from nothing on two cores, takes about a quarter of an hour. */
const limitMilliseconds = 40 * 60_000;

/** Installs and builds what the tests with servers need, before their time is measured; counted only when it fails. */
export async function prepare({ place, signal }: RunContext): Promise<{ outcome: Outcome[]; milliseconds: number }> {
  stdout.write('\n=== servers, roots and images of nodes: from the cache, or built\n');
  const argv = [execPath, join(repository, 'test', 'run-all', 'build.ts')];
  const ending = await execute({ title: 'building', argv, env: place.environment, limitMilliseconds, signal });
  const { kind, code, milliseconds } = ending;
  if (kind === 'exited' && code === 0) return { outcome: [], milliseconds };
  const why = kind === 'exited' ? 'it failed; its own words are above' : kind;
  return { outcome: [{ ...broken('building servers', why), milliseconds }], milliseconds };
}
