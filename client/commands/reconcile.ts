import process from 'node:process';
import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import { follow } from '../follow.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { duration, print } from '../output.ts';
import { paintFor } from '../paint.ts';
import { exitCodeOf, reportText } from '../report.ts';
import { askToReconcile } from '../requests.ts';
import { inSession, type Session } from '../session.ts';
import type { ReconcileRequest } from '../../workflows/contracts.ts';

type ReconcileOptions = ClusterOptions & OutputOptions & { wait?: true };

/** `cke-client reconcile`: look and put right now, without waiting for the interval. Exit code 0 converged, 3 otherwise. */
export function reconcileCommand(): Command {
  const command = new Command('reconcile')
    .description('compare the cluster with its declaration now, and put right what differs')
    .option('-w, --wait', 'show progress and wait until it is done')
    .action(async (options: ReconcileOptions) => {
      process.exitCode = await inSession(options, (session) => reconcile(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client reconcile --wait',
    'cke-client reconcile --cluster prod --wait --output json',
  ]);
}

async function reconcile(session: Session, options: ReconcileOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const requestedBy = operatorName();
  const request = { requestedBy, because: `${requestedBy} asked` };
  return requestAndFollow({
    session,
    cluster,
    request,
    wait: options.wait ? 'wait' : 'return',
    output: options.output,
  });
}

interface Requested {
  session: Session;
  cluster: string;
  request: ReconcileRequest;
  wait: 'wait' | 'return';
  output: OutputOptions['output'];
}

/** Asks the entity to reconcile; when told to wait, shows progress and ends with the report. */
export async function requestAndFollow({ session, cluster, request, ...rest }: Requested): Promise<ExitCode> {
  return followTicket({ session, cluster, ...rest, ticket: await requestTicket(session, { cluster, request }) });
}

/** Asks the entity to reconcile, and returns the ticket. */
export async function requestTicket(
  session: Session,
  { cluster, request }: Pick<Requested, 'cluster' | 'request'>,
): Promise<number> {
  const onNoWorker = (message: string) => void process.stderr.write(`${message}\n`);
  return askToReconcile(await session.temporal(), { cluster, request, onNoWorker });
}

interface Followed extends Omit<Requested, 'request'> {
  ticket: number;
}

/** When told to wait, shows progress until a ticket is done and ends with the report. */
export async function followTicket({ session, cluster, ticket, wait, output }: Followed): Promise<ExitCode> {
  if (wait === 'return') {
    print({ data: { cluster, ticket }, format: output, asText: () => askedText(cluster, ticket) });
    return exitCodes.ok;
  }
  const following = await follow(await session.temporal(), cluster, ticket);
  if (following.ended !== 'done') return exitCodes[following.ended];
  const { report } = following;
  print({ data: report, format: output, asText: (data) => reportText(data, paintFor()) });
  if (output === 'table') process.stdout.write(`${nextText(report.outcome, following.took)}\n`);
  return exitCodeOf(report);
}

function askedText(cluster: string, ticket: number): string {
  return `asked for (ticket ${ticket}).\nNext: cke-client status --watch --cluster ${cluster}`;
}

function nextText(outcome: string, took: number): string {
  const next = outcome === 'converged' ? 'cke-client status' : 'cke-client status; cke-client why NODE';
  return `Took ${duration(took)}. Next: ${next}`;
}
