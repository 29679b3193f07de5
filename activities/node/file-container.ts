import type Docker from 'dockerode';
import { createContainer, inspectContainer, lastLines, removeContainer } from './docker.ts';
import { rotatedLog } from './container-request.ts';
import type { Engine } from './engine.ts';
import { dockerFailed } from './node-errors.ts';
import { fileContainerName } from './our-names.ts';

/** Where the container sees the node's directories. */
export const hostPrefix = '/host';

/** Roots of file sets whose public paths are links into the published generation. */
const linkedRoots = ['/etc/kubernetes', '/etc/etcd', '/etc/rivers'];

/**
 * Where files are copied out of the published generation, one rename each: the container runtime watches this directory, and takes no
 * notice of what changes behind a link.
 */
export const copiedRoot = '/etc/cni/net.d';

const setRoots = [...linkedRoots, copiedRoot];

export interface FileContainerOptions {
  /** Has a POSIX shell and coreutils: the rivers image. */
  image: string;
  cluster: string;
  /** Directories beside the roots of file sets, e.g. that of etcd's data. */
  directories: string[];
}

/**
 * Publishes every pending generation: one rename of one symlink each, after a sync. The current generation and the one before it
 * stay, older ones go. A fixed text: nothing of a declaration is in it.
 */
const publishScript = `set -eu
for set in ${setRoots.map((root) => `${hostPrefix}${root}/.sets/*`).join(' ')}; do
  [ -f "$set/..pending" ] || continue
  next=$(cat "$set/..pending")
  [ -d "$set/$next" ] || continue
  previous=$(readlink "$set/..data" || true)
  sync
  ln -sfn "$next" "$set/..data.next"
  mv -T "$set/..data.next" "$set/..data"
  case "$set" in ${hostPrefix}${copiedRoot}/*)
    for file in "$set/$next"/*; do
      name=\${file##*/}
      [ "$name" != manifest.json ] || continue
      cp -p "$file" "${hostPrefix}${copiedRoot}/.$name.next"
      mv -T "${hostPrefix}${copiedRoot}/.$name.next" "${hostPrefix}${copiedRoot}/$name"
    done
  esac
  rm -f "$set/..pending"
  for old in "$set"/..gen-*; do
    name=\${old##*/}
    [ "$name" = "$next" ] || [ "$name" = "$previous" ] || rm -rf "$old"
  done
done
sync
`;

/** Creates the container that files go through; it does not run but for the moment of publishing. */
export async function ensureFileContainer(engine: Engine, options: FileContainerOptions): Promise<void> {
  const standing = await inspectContainer(engine, fileContainerName);
  const request = requestOf(options);
  if (standing !== undefined && isCurrent(standing.labels, request)) return;
  if (standing !== undefined) await removeContainer(engine, standing.id, 'running too');
  await createContainer(engine, fileContainerName, request);
}

function requestOf({ image, cluster, directories }: FileContainerOptions): Docker.ContainerCreateOptions {
  const binds = [...setRoots, ...directories].map((path) => `${path}:${hostPrefix}${path}:rw`);
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [publishScript],
    User: '0:0',
    Labels: {
      'cke.cluster': cluster,
      'cke.component': fileContainerName,
      'cke.files': `${image} ${binds.join(' ')} ${publishScript}`,
    },
    HostConfig: { NetworkMode: 'none', LogConfig: rotatedLog, RestartPolicy: { Name: 'no' }, Binds: binds },
  };
}

function isCurrent(labels: Record<string, string>, { Labels }: Docker.ContainerCreateOptions): boolean {
  return labels['cke.files'] === Labels?.['cke.files'];
}

/** Runs the container once and waits for its end. Throws CkeError DockerFailed with what the script said. */
export async function publish(engine: Engine): Promise<void> {
  const code = await engine.call({
    doing: 'publish files',
    use: async (docker, abortSignal) => {
      const container = docker.getContainer(fileContainerName);
      await container.start({ abortSignal });
      const { StatusCode } = (await container.wait({ abortSignal })) as { StatusCode: number };
      return StatusCode;
    },
  });
  if (code === 0) return;
  const said = await lastLines(engine, fileContainerName, 3);
  throw dockerFailed(engine.target, 'publish files', `exit code ${code}: ${said.join(' | ')}`);
}
