import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { refused, type Engine } from './engine.ts';
import { fileContainerName } from './our-names.ts';
import { firstFile, packTar, type TarEntry } from './tar.ts';

/** Larger answers are not read: what we read is our own manifests. */
const longestFile = 4 * 1024 * 1024;

/** Writes through the mounts of the file container; what it writes is owned by root. */
export async function writeArchive(engine: Engine, entries: TarEntry[]): Promise<void> {
  const archive = await packTar(entries);
  await engine.call({
    doing: 'write files',
    use: (docker, abortSignal) =>
      fileContainer(docker).putArchive(archive, { path: '/', abortSignal } as { path: string }),
  });
}

/** A file of the node; undefined when it is not there, or the file container is not. */
export async function readArchive(engine: Engine, path: string): Promise<Buffer | undefined> {
  const doing = `read ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: async (docker, abortSignal) => {
      const asked = fileContainer(docker).getArchive({ path, abortSignal } as { path: string });
      return limited((await asked) as unknown as Readable);
    },
  });
  if (answer.state === 'answered') return firstFile(answer.value);
  if (answer.refusal.status === 404) return undefined;
  throw refused(engine.target, doing, answer.refusal);
}

/** Whether something is at a path of the node. Throws when the file container is gone: then nothing is known. */
export async function statArchive(engine: Engine, path: string): Promise<'present' | 'absent'> {
  const doing = `look at ${path}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => fileContainer(docker).infoArchive({ path, abortSignal } as { path: string }),
  });
  if (answer.state === 'answered') return 'present';
  // A HEAD has no body that tells a missing container from a missing path.
  if (answer.refusal.status === 404 && (await containerStands(engine))) return 'absent';
  throw refused(engine.target, doing, answer.refusal);
}

async function containerStands(engine: Engine): Promise<boolean> {
  const answer = await engine.attempt({
    doing: 'look for the file container',
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => fileContainer(docker).inspect({ abortSignal }),
  });
  return answer.state === 'answered';
}

function fileContainer(docker: Docker): Docker.Container {
  return docker.getContainer(fileContainerName);
}

async function limited(stream: Readable): Promise<Buffer> {
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > longestFile) stream.destroy(new Error(`more than ${longestFile} bytes`));
  });
  return buffer(stream);
}
