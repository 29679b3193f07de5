import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { rotatedLog } from './container-request.ts';
import {
  awaitContainer,
  createContainer,
  inspectContainer,
  lastLines,
  removeContainer,
  startContainer,
} from './container-calls.ts';
import type { Engine } from './engine.ts';
import { dockerFailed } from './node-errors.ts';
import { fileContainerName } from './our-names.ts';
import { damagedCode, hostPrefix, publishScript, setRoots } from './publish-script.ts';

export interface FileContainerOptions {
  /** Has a POSIX shell and coreutils: the rivers image. */
  image: string;
  cluster: string;
  /** Directories beside the roots of file sets, e.g. that of etcd's data. */
  directories: string[];
}

const digestLabel = 'cke.files';

/** A slow disk may take its time to sync. */
const runMilliseconds = 60_000;

/** Creates the container that files go through; it does not run but for the moment of publishing. Returns its id. */
export async function ensureFileContainer(engine: Engine, options: FileContainerOptions): Promise<string> {
  const standing = await inspectContainer(engine, fileContainerName);
  const request = requestOf(options);
  if (standing !== undefined) {
    if (standing.labels[digestLabel] === request.Labels?.[digestLabel]) return standing.id;
    await removeContainer(engine, standing.id, 'running too');
  }
  return (await createContainer(engine, fileContainerName, request)).id;
}

function requestOf({ image, cluster, directories }: FileContainerOptions): Docker.ContainerCreateOptions {
  const request: Docker.ContainerCreateOptions = {
    Image: image,
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [publishScript],
    User: '0:0',
    HostConfig: {
      // A network namespace of its own would take longer to make than everything else: the script uses no network.
      NetworkMode: 'host',
      LogConfig: rotatedLog,
      RestartPolicy: { Name: 'no' },
      Binds: [...setRoots, ...directories].map((path) => `${path}:${hostPrefix}${path}:rw`),
    },
  };
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  return { ...request, Labels: { 'cke.cluster': cluster, 'cke.component': fileContainerName, [digestLabel]: digest } };
}

/**
 * Runs the container once, after whoever runs it now, and waits for its end. Tells what is known of installed files since the last
 * check. Throws CkeError DockerFailed with what the script said.
 */
export async function runFileContainer(engine: Engine, id: string): Promise<'sound' | 'damaged'> {
  // Started by another worker, it may have looked already where our note is: then it has to run again.
  while ((await startContainer(engine, id)) === 'already-running') await awaitContainer(engine, id, runMilliseconds);
  const code = await awaitContainer(engine, id, runMilliseconds);
  if (code === 0) return 'sound';
  if (code === damagedCode) return 'damaged';
  const said = await lastLines(engine, id, 3);
  throw dockerFailed(engine.target, 'publish files', `exit code ${code}: ${said.join(' | ')}`);
}
