import type Docker from 'dockerode';
import { z } from 'zod';
import { refused } from './engine.ts';
import type { Engine } from './engine.ts';
import { destroyable, readJsonLines } from './json-lines.ts';
import { imageMissing, registryRefused } from './node-errors.ts';

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
  /** What helps when the registry wants another login. */
  cure?: string;
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

/** Removes an image by name, unless a container (running or not) is made from it. */
export async function removeImage(engine: Engine, image: string): Promise<'removed' | 'in-use' | 'gone'> {
  const doing = `remove image ${image}`;
  const answer = await engine.attempt({ doing, use: (docker) => docker.getImage(image).remove() });
  if (answer.state === 'answered') return 'removed';
  if (answer.refusal.status === 404) return 'gone';
  if (answer.refusal.status === 409) return 'in-use';
  throw refused(engine.target, doing, answer.refusal);
}

const progressSchema = z.object({ status: z.string().optional(), error: z.string().optional() });

/** What registries, and Docker about them, say to a login that is wrong or missing. */
const wantsLogin = /unauthorized|authentication required|no basic auth credentials|incorrect username or password/i;

/** Pulls one image by tag or digest. Throws CkeError ImageMissing when it can't be had, RegistryRefused when the login is not accepted. */
export async function pullImage(
  engine: Engine,
  image: string,
  { auth, cure, signal, onProgress }: PullOptions = {},
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
  if (failure === undefined) return;
  if (wantsLogin.test(failure)) throw registryRefused(engine.target, { image, got: failure, cure });
  throw imageMissing(engine.target, image, failure);
}
