import { Command } from 'commander';
import { stringify } from 'yaml';
import { chosenCluster } from '../cluster-name.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { print } from '../output.ts';
import { meant } from '../resources/states.ts';
import { inSession, type Session } from '../session.ts';

type GetOptions = ClusterOptions & OutputOptions;

/** `cke-client resource get`: a definition as it is stored; what a Secret holds is in Vault and is not told. */
export function getResourceCommand(): Command {
  const command = new Command('get')
    .description('print the definition of an object; what a Secret holds is not told')
    .argument('<kind>', 'e.g. Deployment, or Widget.example.com')
    .argument('<name>', '[NAMESPACE/]NAME')
    .action((kind: string, name: string, options: GetOptions) =>
      inSession(options, (session) => getResource(session, { kind, name }, options)),
    );
  return withExamples(withOutput(withCluster(command)), ['cke-client resource get deployment web/api']);
}

async function getResource(
  session: Session,
  { kind, name }: { kind: string; name: string },
  options: GetOptions,
): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const defined = await session.store().resources.definitions(cluster);
  const found = defined.get(meant([...defined.keys()], kind, name));
  print({
    data: found?.resource.object,
    format: options.output,
    asText: (object) => stringify(object, { lineWidth: 0 }),
  });
}
