import process from 'node:process';
import { Command } from 'commander';
import {
  isAlarming,
  type CertificatesView,
  type CertificateView,
  type Scope,
} from '../../cluster/certificates/view.ts';
import { certificateScope, withScope, type ScopeOptions } from '../certificate-scope.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { askCertificates } from '../look.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { duration, print, table } from '../output.ts';
import { paintFor, type Paint } from '../paint.ts';
import { inSession, type Session } from '../session.ts';

type ListOptions = ClusterOptions & OutputOptions & ScopeOptions;

/**
 * `cke-client certificates list`: every certificate on a node, freshly looked at. Exit code 3 when one was not renewed in time (half
 * of the time for that has passed), or a node can't be seen.
 */
export function listCertificatesCommand(): Command {
  const command = new Command('list')
    .description('list the certificates on the nodes: whose, until when, renewed when')
    .action(async (options: ListOptions) => {
      process.exitCode = await inSession(options, (session) => list(session, options));
    });
  return withExamples(withOutput(withCluster(withScope(command))), [
    'cke-client certificates list',
    'cke-client certificates list --kind kubelet --node worker-1',
    'cke-client certificates list --output json | jq -r \'.certificates[] | select(.state != "fresh").node\'',
  ]);
}

async function list(session: Session, options: ListOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const scope: Scope = certificateScope(options);
  const view = await askCertificates(await session.temporal(), { cluster, ...scope });
  print({ data: view, format: options.output, asText: (data) => certificatesText(data, paintFor()) });
  return isAlarming(view) ? exitCodes.attention : exitCodes.ok;
}

/** One row per certificate; what can't be seen below. */
export function certificatesText(view: CertificatesView, paint: Paint): string {
  const columns = ['node', 'kind', 'expires in', 'renewed in', 'generation', 'subject', 'names'];
  const rows = view.certificates.map((one) => rowOf(one, view.at, paint));
  const unknown = view.unknown.map(({ node, because }) => `\n${paint.yellow('not known')}  ${node}: ${because}`);
  const next = isAlarming(view) ? 'cke-client status' : 'cke-client certificates check';
  return `${table({ columns, rows })}${unknown.join('')}\n\nNext: ${next}`;
}

function rowOf(
  { node, kind, notAfter, renewsAt, generation, subject, sans, state }: CertificateView,
  at: string,
  paint: Paint,
): string[] {
  const left = Date.parse(notAfter) - Date.parse(at);
  const until = Date.parse(renewsAt) - Date.parse(at);
  const expires = left <= 0 ? 'expired' : duration(left);
  const isLate = state === 'overdue' || state === 'expired';
  return [
    node,
    kind,
    isLate ? paint.red(expires) : expires,
    until <= 0 ? paint.yellow('due') : duration(until),
    String(generation),
    subject,
    sans.join(' '),
  ];
}
