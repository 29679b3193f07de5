import { Command } from 'commander';
import { takesMoreAlong } from '../../cluster/resources/user/rank.ts';
import { describeResource, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import { chosenCluster } from '../cluster-name.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { count, print } from '../output.ts';
import { demandNoAddon } from '../resources/addons.ts';
import { forgetContents, secretsAmong } from '../resources/contents.ts';
import { readSources } from '../resources/sources.ts';
import { meant } from '../resources/states.ts';
import type { Definitions } from '../resources/wish.ts';
import { inSession, type Session } from '../session.ts';
import { CkeError } from '../../cluster/errors.ts';
import { tellEntity } from './pause.ts';

type DeleteOptions = ClusterOptions & OutputOptions & { file?: string[] };

/** `cke-client resource delete`: drops definitions; what was applied of them is deleted, some of it after a person's yes only. */
export function deleteResourceCommand(): Command {
  const command = new Command('delete')
    .description('drop definitions, and delete what was applied of them')
    .argument('[kind]', 'e.g. Deployment, or Widget.example.com')
    .argument('[name]', '[NAMESPACE/]NAME')
    .option(
      '-f, --file <source...>',
      'instead of kind and name: all objects of files or directories, or - for standard input',
    )
    .action((kind: string | undefined, name: string | undefined, options: DeleteOptions) =>
      inSession(options, (session) => deleteResources(session, { kind, name }, options)),
    );
  return withExamples(withOutput(withCluster(command)), [
    'cke-client resource delete deployment web/api',
    'cke-client resource delete --file manifests/',
  ]);
}

async function deleteResources(
  session: Session,
  named: { kind: string | undefined; name: string | undefined },
  options: DeleteOptions,
): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const { resources } = session.store();
  const defined = await resources.definitions(cluster);
  const remove = await chosen(defined, named, options);
  demandNoAddon(remove, defined);
  await resources.change(cluster, { put: new Map(), remove });
  await tellEntity(session, cluster, `${operatorName()} deleted ${count(remove.length, 'resource')}`);
  await forgetContents(session, cluster, secretsAmong(defined, remove));
  print({ data: { cluster, removed: remove }, format: options.output, asText: () => deletedText(cluster, remove) });
}

async function chosen(
  defined: Definitions,
  { kind, name }: { kind: string | undefined; name: string | undefined },
  { file }: DeleteOptions,
): Promise<ResourceKey[]> {
  if (file !== undefined && kind === undefined) {
    const { objects } = await readSources(file);
    return [...objects.keys()].filter((key) => defined.has(key));
  }
  if (file === undefined && kind !== undefined && name !== undefined) return [meant([...defined.keys()], kind, name)];
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'delete needs a kind and a name, or --file, and not both',
    fix: 'cke-client resource delete KIND [NAMESPACE/]NAME',
    remedy: 'never',
  });
}

function deletedText(cluster: string, removed: ResourceKey[]): string {
  const asked = removed.some(takesMoreAlong) ? `cke-client status --cluster ${cluster} shows what waits for a yes` : '';
  const next = asked === '' ? `cke-client resource list --cluster ${cluster}` : asked;
  return [...removed.map((key) => `- ${describeResource(key)}`), `Next: ${next}`].join('\n');
}
