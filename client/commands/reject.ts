import { Command } from 'commander';
import { giveAnswer } from '../answers.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';

/** `cke-client reject FINGERPRINT --reason …`: a person's no; the step is not done under this revision. */
export function rejectCommand(): Command {
  const command = new Command('reject')
    .description('refuse a step that waits for a yes (status lists them)')
    .argument('<fingerprint>', 'as status shows it; its first 8 digits are enough')
    .requiredOption('-r, --reason <text>', 'for those who wanted it')
    .action((fingerprint: string, options: ClusterOptions & OutputOptions & { reason: string }) =>
      giveAnswer({ answer: 'reject', fingerprint, options }),
    );
  return withExamples(withOutput(withCluster(command)), [
    'cke-client reject 3f9c2a71d04be85c6a10 --reason "not before Monday"',
  ]);
}
