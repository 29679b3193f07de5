import type { LabPaths, LabRecord } from '../state.ts';
import type { Toolchain } from '../toolchain.ts';

/** The programs that a running lab uses on the host. */
export const serverTools = ['temporal', 'vault', 'etcd', 'etcdctl', 'kubectl'] as const;

export interface ServerContext {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly tools: Toolchain<(typeof serverTools)[number]>;
}

/** One of the lab's three servers. */
export interface Server {
  /** Starts it unless it runs, and returns when it serves. Throws LabError with its last log lines when it does not. */
  readonly start: (context: ServerContext) => Promise<void>;
}

export const serverNames = ['temporal', 'vault', 'etcd'] as const;
export type ServerName = (typeof serverNames)[number];
