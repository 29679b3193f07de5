import type Docker from 'dockerode';
import { z } from 'zod';
import type { Engine } from './engine.ts';

export interface DockerFacts {
  version: string;
  apiVersion: string;
  cgroupDriver: string;
  cgroupVersion: string;
  storageDriver: string;
  rootDirectory: string;
  kernel: string;
  operatingSystem: string;
  processors: number;
  memoryBytes: number;
  /** The node's clock minus ours, in milliseconds, and how far off that may be: half the time of the request. */
  clockOffset: { milliseconds: number; uncertainty: number };
}

const engineSchema = z.object({
  CgroupDriver: z.string(),
  CgroupVersion: z.string().default('1'),
  Driver: z.string(),
  DockerRootDir: z.string(),
  KernelVersion: z.string(),
  OperatingSystem: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  /** RFC 3339 with nanoseconds. */
  SystemTime: z.string(),
});

/** dockerode's types know the signal for some calls only; all of them take it. */
type Abortable = Docker & {
  version(options: { abortSignal: AbortSignal }): Promise<Docker.DockerVersion>;
  info(options: { abortSignal: AbortSignal }): Promise<unknown>;
};

/** What Docker tells about itself and its machine. Throws CkeError as NodeDocker does. */
export async function dockerFacts(engine: Engine): Promise<DockerFacts> {
  const ask = { repeat: 'when the channel broke' } as const;
  const version = await engine.call({
    ...ask,
    doing: 'tell its version',
    use: (docker: Abortable, abortSignal) => docker.version({ abortSignal }),
  });
  const before = Date.now();
  const answer = await engine.call({
    ...ask,
    doing: 'tell about itself',
    use: (docker: Abortable, abortSignal) => docker.info({ abortSignal }),
  });
  const after = Date.now();
  const found = engineSchema.parse(answer);
  return {
    version: version.Version,
    apiVersion: version.ApiVersion,
    cgroupDriver: found.CgroupDriver,
    cgroupVersion: found.CgroupVersion,
    storageDriver: found.Driver,
    rootDirectory: found.DockerRootDir,
    kernel: found.KernelVersion,
    operatingSystem: found.OperatingSystem,
    processors: found.NCPU,
    memoryBytes: found.MemTotal,
    clockOffset: {
      milliseconds: Math.round(Date.parse(found.SystemTime) - (before + after) / 2),
      uncertainty: Math.ceil((after - before) / 2),
    },
  };
}
