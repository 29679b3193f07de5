import type Docker from 'dockerode';
import { z } from 'zod';
import { refused } from './engine.ts';
import type { Engine } from './engine.ts';
import { destroyable, readJsonLines } from './json-lines.ts';
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

/** dockerode's types lack the signal here. */
type Abortable = Docker & { listImages(options: { abortSignal: AbortSignal }): Promise<Docker.ImageInfo[]> };

export async function hasImage(engine: Engine, image: string): Promise<boolean> {
  const doing = `look for image ${image}`;
  const answer = await engine.attempt({
    doing,
    repeat: 'when the channel broke',
    use: (docker) => docker.getImage(image).inspect(),
  });
  if (answer.state === 'answered') return true;
  if (answer.refusal.status === 404) return false;
  throw refused(engine.target, doing, answer.refusal);
}

export async function listImages(engine: Engine): Promise<NodeImage[]> {
  const found = await engine.call({
    doing: 'list images',
    repeat: 'when the channel broke',
    use: (docker: Abortable, abortSignal) => docker.listImages({ abortSignal }),
  });
  return found.map(({ Id, RepoTags, RepoDigests, Size }) => ({
    id: Id,
    references: [...(RepoTags ?? []), ...(RepoDigests ?? [])].filter((reference) => !reference.startsWith('<none>')),
    bytes: Size,
  }));
}

const progressSchema = z.object({ status: z.string().optional(), error: z.string().optional() });

/** Pulls one image by tag or digest. Throws CkeError ImageMissing when the registry refuses it or cannot be reached. */
export async function pullImage(
  engine: Engine,
  image: string,
  { auth, signal, onProgress }: PullOptions = {},
): Promise<void> {
  let failure: string | undefined;
  const onLine = (line: unknown) => {
    const { status, error } = progressSchema.parse(line);
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
      const stream = await docker.pull(image, options);
      await readJsonLines(destroyable(stream), { idle: engine.deadlines.idle, onLine });
    },
  });
  if (answer.state === 'refused') failure = answer.refusal.because;
  if (failure !== undefined) throw imageMissing(engine.target, image, failure);
}
