import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Engine } from './engine.ts';
import { readJsonLines } from './json-lines.ts';
import { imageMissing } from './node-errors.ts';

export interface NodeImage {
  id: string;
  /** `name:tag` and `name@sha256:…`, all of them. */
  references: string[];
  bytes: number;
}

export interface RegistryLogin {
  username: string;
  password: string;
  serveraddress: string;
}

export interface PullOptions {
  auth?: RegistryLogin;
  signal?: AbortSignal;
  /** Called with Docker's own words, often. */
  onProgress?: (status: string) => void;
}

export async function listImages(engine: Engine): Promise<NodeImage[]> {
  const found = await engine.call({
    doing: 'list images',
    repeat: 'when the channel broke',
    use: (docker, abortSignal) => docker.listImages({ abortSignal } as Docker.ListImagesOptions),
  });
  return found.map(({ Id, RepoTags, RepoDigests, Size }) => ({
    id: Id,
    references: [...(RepoTags ?? []), ...(RepoDigests ?? [])].filter((reference) => !reference.startsWith('<none>')),
    bytes: Size,
  }));
}

/** Pulls one image by tag or digest. Throws CkeError ImageMissing when the registry refuses it or cannot be reached. */
export async function pullImage(
  engine: Engine,
  image: string,
  { auth, signal, onProgress }: PullOptions = {},
): Promise<void> {
  let failure: string | undefined;
  const onLine = (line: unknown) => {
    const { status, error } = line as { status?: string; error?: string };
    if (error !== undefined) failure = error;
    else if (status !== undefined) onProgress?.(status);
  };
  const answer = await engine.attempt({
    doing: `pull image ${image}`,
    channel: 'stream',
    milliseconds: engine.deadlines.pull,
    ...(signal && { signal }),
    use: async (docker, abortSignal) => {
      const options = { abortSignal, ...(auth && { authconfig: auth }) };
      const stream = (await docker.pull(image, options)) as Readable;
      await readJsonLines(stream, { idle: engine.deadlines.idle, onLine });
    },
  });
  if (answer.state === 'refused') failure = answer.refusal.because;
  if (failure !== undefined) throw imageMissing(engine.target, image, failure);
}
