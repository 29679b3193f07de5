import { Command } from 'commander';
import { giveAnswer } from '../answers.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';

/** `cke-client approve FINGERPRINT`: a person's yes to one step that waits for it. */
export function approveCommand(): Command {
  const command = new Command('approve')
    .description('allow a step that waits for a yes (status lists them)')
    .argument('<fingerprint>', 'as status shows it; its first 8 digits are enough')
    .action((fingerprint: string, options: ClusterOptions & OutputOptions) =>
      giveAnswer({ answer: 'approve', fingerprint, options }),
    );
  return withExamples(withOutput(withCluster(command)), ['cke-client approve 3f9c2a71d04be85c6a10']);
}
