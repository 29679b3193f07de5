import process, { stderr } from 'node:process';
import { Command } from 'commander';
import { describeResource } from '../../cluster/resources/user/resource-key.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { readSources } from '../resources/sources.ts';
import { compare, type ResourceChanges } from '../resources/wish.ts';
import { inSession, type Session } from '../session.ts';

type DiffOptions = ClusterOptions & OutputOptions & { prune?: true };

/** `cke-client resource diff`: what `set` would change of the definitions. Exit code 0 nothing, 2 something. */
export function diffResourcesCommand(): Command {
  const command = new Command('diff')
    .description('what set would change, field by field; nothing is changed')
    .argument('<source...>', 'files, directories, or - for standard input: YAML or JSON')
    .option('--prune', 'tell what is defined and not in the sources, too')
    .action(async (sources: string[], options: DiffOptions) => {
      process.exitCode = await inSession(options, (session) => diffResources(session, sources, options));
    });
  return withExamples(withOutput(withCluster(command)), ['cke-client resource diff manifests/ --prune']);
}

async function diffResources(session: Session, sources: string[], options: DiffOptions): Promise<ExitCode> {
  const { objects: wishes, notes } = await readSources(sources);
  for (const note of notes) stderr.write(`note: ${note}\n`);
  const cluster = await chosenCluster(session, options);
  const stored = await session.store().resources.definitions(cluster);
  const { others, ...changes } = await compare(session, { cluster, wishes, stored });
  const data = { ...changes, others: options.prune ? others : [] };
  print({ data, format: options.output, asText: diffText });
  return data.created.length + data.changed.length + data.others.length > 0 ? exitCodes.changesPending : exitCodes.ok;
}

function diffText({ created, changed, unchanged, others }: ResourceChanges): string {
  const lines = [
    ...created.map((key) => `+ ${describeResource(key)}`),
    ...changed.flatMap(({ key, lines: fields }) => [
      `~ ${describeResource(key)}`,
      ...fields.map((line) => `    ${line}`),
    ]),
    ...others.map((key) => `- ${describeResource(key)}`),
  ];
  return lines.length > 0 ? lines.join('\n') : `nothing would change (${unchanged.length} as before)`;
}
