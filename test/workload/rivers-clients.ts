import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { fromJson } from '../e2e/json.ts';
import type { LabNode } from '../../lab/lab-node.ts';

/** One request of a client that tries again when its connection broke. */
export interface Asked {
  readonly kind: 'write' | 'read';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly milliseconds: number;
  /** `failed`: no attempt was answered as it had to be. */
  readonly outcome: 'ok' | 'failed';
  /** Of the attempts before the one that was answered. */
  readonly failures: readonly string[];
}

export interface RiversClients {
  /** Ends them, and tells every request of all. */
  stop(): Asked[];
}

/** One client on each of `nodes`, which writes and reads through that node's rivers. */
export function startRiversClients(nodes: readonly LabNode[], credentials: ClientCredentials): RiversClients {
  const program = join(import.meta.dirname, 'rivers-client.ts');
  const lines: string[] = [];
  const clients = nodes.map((node) => {
    const argv = ['--target', String(node.pid()), '--net', '--', execPath, program, `rivers-${node.name}`];
    const child = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify(credentials));
    const chunks: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk));
    return { child, chunks };
  });
  return {
    stop() {
      for (const { child, chunks } of clients) {
        child.kill('SIGKILL');
        lines.push(...chunks.join('').split('\n').slice(0, -1));
      }
      return lines.map((line) => fromJson<Asked>(line));
    },
  };
}
