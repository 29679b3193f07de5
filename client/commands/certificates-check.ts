import process from 'node:process';
import { Command, Option } from 'commander';
import type { FileCheck } from '../../activities/contracts/operations.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { askFileCheck } from '../look.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { paintFor, type Paint } from '../paint.ts';
import { inSession, type Session } from '../session.ts';

type CheckOptions = ClusterOptions & OutputOptions & { node?: string };

/**
 * `cke-client certificates check`: compares the files on the nodes with what was installed, now. Exit code 3 when something differs
 * (the next operation repairs it) or a node can't be asked.
 */
export function checkCertificatesCommand(): Command {
  const command = new Command('check')
    .description('compare certificates, keys and other files on the nodes with what was installed')
    .addOption(new Option('--node <name>', 'only on this node'))
    .action(async (options: CheckOptions) => {
      process.exitCode = await inSession(options, (session) => check(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client certificates check',
    'cke-client certificates check --node cp-1 && echo sound || cke-client reconcile --wait',
  ]);
}

async function check(session: Session, options: CheckOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const { node } = options;
  const input = { cluster, ...(node !== undefined && { node }) };
  const checks = await askFileCheck(await session.temporal(), input);
  print({ data: checks, format: options.output, asText: (data) => checksText(data, paintFor()) });
  return checks.every(isSound) ? exitCodes.ok : exitCodes.attention;
}

const isSound = (one: FileCheck): boolean => one.state === 'checked' && one.damage.length === 0;

function checksText(checks: FileCheck[], paint: Paint): string {
  const lines = checks.flatMap((one) => {
    if (one.state === 'unknown') return [`${paint.yellow('not known')}  ${one.node}: ${one.because}`];
    if (one.damage.length === 0) return [`${paint.green('sound')}      ${one.node}`];
    return one.damage.map((sentence) => `${paint.red('damaged')}    ${one.node}: ${sentence}`);
  });
  return `${lines.join('\n')}\n\nNext: ${checks.every(isSound) ? 'cke-client status' : 'cke-client reconcile --wait'}`;
}
