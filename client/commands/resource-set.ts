import process, { stderr } from 'node:process';
import { Command } from 'commander';
import type { ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { describeResource } from '../../cluster/resources/user/resource-key.ts';
import { chosenCluster } from '../cluster-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print } from '../output.ts';
import { demandNoAddon } from '../resources/addons.ts';
import { readSources } from '../resources/sources.ts';
import { storeDefinitions } from '../resources/store-definitions.ts';
import { compare, type ResourceChanges } from '../resources/wish.ts';
import { inSession, type Session } from '../session.ts';
import { tellEntity } from './pause.ts';
import { requestAndFollow } from './reconcile.ts';

type SetOptions = ClusterOptions & OutputOptions & { prune?: true; wait?: true };

/** `cke-client resource set`: stores definitions; they are applied at once, and kept. Exit code 0 stored, 3 with --wait: not all applied. */
export function setResourcesCommand(): Command {
  const command = new Command('set')
    .description('define objects: they are applied at once, and put right when they are changed')
    .argument('<source...>', 'files, directories, or - for standard input: YAML or JSON')
    .option('--prune', 'delete what is defined and not in the sources')
    .option('-w, --wait', 'show progress and wait until they are applied')
    .action(async (sources: string[], options: SetOptions) => {
      process.exitCode = await inSession(options, (session) => setResources(session, sources, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client resource set manifests/ --wait',
    'helm template web ./chart --namespace web | cke-client resource set -',
    'cke-client resource diff manifests/ --prune && cke-client resource set manifests/ --prune',
  ]);
}

async function setResources(session: Session, sources: string[], options: SetOptions): Promise<ExitCode> {
  const { objects: wishes, notes } = await readSources(sources);
  for (const note of notes) stderr.write(`note: ${note}\n`);
  const cluster = await chosenCluster(session, options);
  const stored = await session.store().resources.definitions(cluster);
  demandNoAddon(wishes.keys(), stored);
  const changes = await compare(session, { cluster, wishes, stored });
  const by = operatorName();
  const remove = options.prune ? changes.others : [];
  const stores = await storeDefinitions(session, { cluster, wishes, stored, changes, remove, by });
  const because = `${by} set ${count(stores, 'resource')}`;
  if (options.wait) {
    stderr.write(`${cluster}: ${summary(changes, remove)}\n`);
    const request = { requestedBy: by, because };
    return requestAndFollow({ session, cluster, request, wait: 'wait', output: options.output });
  }
  if (stores > 0) await tellEntity(session, cluster, because);
  print({
    data: { cluster, ...changes, removed: remove },
    format: options.output,
    asText: () => asText(cluster, changes, remove),
  });
  return exitCodes.ok;
}

function asText(cluster: string, changes: ResourceChanges, removed: ResourceKey[]): string {
  const lines = [
    ...changes.created.map((key) => `+ ${describeResource(key)}`),
    ...changes.changed.map(({ key }) => `~ ${describeResource(key)}`),
    ...removed.map((key) => `- ${describeResource(key)}`),
  ];
  const told = lines.length > 20 ? [...lines.slice(0, 20), `  and ${lines.length - 20} more`] : lines;
  return [...told, `${summary(changes, removed)}. Next: cke-client resource list --cluster ${cluster}`].join('\n');
}

function summary({ created, changed, unchanged }: ResourceChanges, removed: ResourceKey[]): string {
  return `${created.length} new, ${changed.length} changed, ${unchanged.length} as before, ${removed.length} no longer defined`;
}
