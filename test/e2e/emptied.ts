import { dockerOf } from './containers.ts';
import { lab } from './story.ts';

/** Where the membership of a node's etcd container has its data, on the node. */
export async function dataDirectory(name: string): Promise<string> {
  const mounts = (await dockerOf(lab.node(name)).getContainer('etcd').inspect()).HostConfig.Mounts ?? [];
  const data = mounts.find(({ Source }) => Source.startsWith('/var/lib/'));
  if (data === undefined) throw new Error(`no data directory among the mounts: ${JSON.stringify(mounts)}`);
  return data.Source;
}

/** The member's death and the loss of its data in one go: whoever restarts the container finds nothing. Returns the directory. */
export async function loseData(name: string): Promise<string> {
  const directory = await dataDirectory(name);
  await killAnd(name, `rm -rf ${directory}/member && ls -A ${directory}`);
  return directory;
}

/** The same, its data being put aside where they can be fetched again. */
export async function putDataAside(name: string, aside: string): Promise<string> {
  const directory = await dataDirectory(name);
  await killAnd(name, `mkdir -p ${aside} && mv ${directory}/member ${aside}/ && ls -A ${directory}`);
  return directory;
}

async function killAnd(name: string, command: string): Promise<void> {
  await lab.node(name).exec(['sh', '-c', `docker kill etcd >/dev/null && ${command}`]);
}
