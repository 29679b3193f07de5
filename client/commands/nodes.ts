import process from 'node:process';
import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { paintFor } from '../paint.ts';
import { askView } from '../look.ts';
import { inSession, type Session } from '../session.ts';
import { nodeTable } from '../status-text.ts';

type NodesOptions = ClusterOptions & OutputOptions;

/** `cke-client nodes`: one look at every node, as a table. Exit code 3 when one cannot be reached or is not Ready. */
export function nodesCommand(): Command {
  const command = new Command('nodes')
    .description('list the nodes, freshly looked at')
    .action(async (options: NodesOptions) => {
      process.exitCode = await inSession(options, (session) => showNodes(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client nodes',
    'cke-client nodes --output json | jq -r \'.[] | select(.reachable != "yes").name\'',
  ]);
}

async function showNodes(session: Session, options: NodesOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const view = await askView(await session.temporal(), cluster);
  print({ data: view.nodes, format: options.output, asText: () => nodeTable(view, paintFor()) });
  return view.nodes.every(({ reachable, ready }) => reachable === 'yes' && ready === 'true')
    ? exitCodes.ok
    : exitCodes.attention;
}
