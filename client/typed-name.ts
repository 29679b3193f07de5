import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { CkeError } from '../cluster/errors.ts';

interface Asking {
  /** What will happen, as a sentence. */
  question: string;
  /** What is only done with the name typed, e.g. `destroyed`. */
  only: string;
}

/** What can't be taken back is done only for somebody who names the cluster. @throws CkeError InvalidRequest unless its own name was typed, or given */
export async function demandTypedName(cluster: string, given: string | undefined, asking: Asking): Promise<void> {
  if (given === cluster) return;
  if (given !== undefined) throw unconfirmed(cluster, asking, `--confirm ${given} is another name`);
  if (!stdin.isTTY) throw unconfirmed(cluster, asking, 'nobody can be asked');
  const terminal = createInterface({ input: stdin, output: stderr });
  const answer = await terminal.question(`${asking.question} Type the cluster's name to go on: `);
  terminal.close();
  if (answer.trim() !== cluster) throw unconfirmed(cluster, asking, 'another name was typed');
}

function unconfirmed(cluster: string, { only }: Asking, because: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `nothing was changed: ${cluster} is only ${only} when its name is typed, and ${because}`,
    fix: `type ${cluster} when asked, or add --confirm ${cluster}`,
    remedy: 'never',
  });
}
