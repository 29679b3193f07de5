import { CkeError } from '../cluster/errors.ts';
import { askPerson } from './terminal.ts';

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
  const answer = await askPerson(`${asking.question} Type the cluster's name to go on: `);
  if (answer === undefined) throw unconfirmed(cluster, asking, 'nobody can be asked');
  if (answer !== cluster) throw unconfirmed(cluster, asking, 'another name was typed');
}

function unconfirmed(cluster: string, { only }: Asking, because: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `nothing was changed: ${cluster} is only ${only} when its name is typed, and ${because}`,
    fix: `type ${cluster} when asked, or add --confirm ${cluster}`,
    remedy: 'never',
  });
}
