import process, { argv, stderr } from 'node:process';
import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { explainFailure } from './failure.ts';
import { paintFor } from './paint.ts';
import { program } from './program.ts';

/** Libraries' notes to programmers: not for an operator's terminal. */
process.noDeprecation = true;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
});

try {
  await program().parseAsync(argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
  } else {
    stderr.write(`${paintFor(stderr).red('error')}: ${explainFailure(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
