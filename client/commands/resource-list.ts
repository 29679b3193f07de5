import process from 'node:process';
import { Command } from 'commander';
import { describeResource } from '../../cluster/resources/user/resource-key.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { ago, print, table } from '../output.ts';
import { statesOf, type ResourceState } from '../resources/states.ts';
import { inSession, type Session } from '../session.ts';

type ListOptions = ClusterOptions & OutputOptions;

/** `cke-client resource list`: from the records, also while Temporal or the cluster are away. Exit code 3 when one is refused. */
export function listResourcesCommand(): Command {
  const command = new Command('list')
    .description('what is defined, and whether it was applied')
    .action(async (options: ListOptions) => {
      process.exitCode = await inSession(options, (session) => listResources(session, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client resource list',
    'cke-client resource list --output json | jq -r \'.[] | select(.state == "refused").because\'',
  ]);
}

async function listResources(session: Session, options: ListOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  const { resources } = session.store();
  const [defined, applied] = await Promise.all([resources.definitions(cluster), resources.applied(cluster)]);
  const states = statesOf(defined, applied);
  print({ data: states, format: options.output, asText: listText });
  return states.some(({ state }) => state === 'refused') ? exitCodes.attention : exitCodes.ok;
}

function listText(states: ResourceState[]): string {
  if (states.length === 0) return 'nothing is defined. Next: cke-client resource set FILE';
  const now = Date.now();
  const rows = states.map(({ key, state, because, by = '', at }) => [
    describeResource(key),
    state,
    by,
    at === undefined ? '' : ago(at, now),
    because ?? '',
  ]);
  return table({ columns: ['resource', 'state', 'by', 'defined', 'because'], rows });
}
