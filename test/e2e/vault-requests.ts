import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cluster, lab, run } from './story.ts';
import { fromJson } from './json.ts';

export interface VaultRequests {
  /** That were about the cluster, logins included. */
  readonly requests: number;
  readonly issued: number;
}

interface AuditEntry {
  type: string;
  request: { path: string };
}

/** Counts at Vault's own audit log what comes in while `work` goes on. */
export async function countVaultRequests(work: () => Promise<void>): Promise<VaultRequests> {
  const file = join(lab.paths.server('vault'), 'audit.log');
  await run('vault', 'audit', 'enable', 'file', `file_path=${file}`);
  try {
    await work();
  } finally {
    await run('vault', 'audit', 'disable', 'file');
  }
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  rmSync(file);
  const paths = lines
    .map((line) => fromJson<AuditEntry>(line))
    .flatMap(({ type, request }) => (type === 'request' ? [request.path] : []));
  const ours = paths.filter((path) => path.startsWith(`cke/${cluster}/`) || path.startsWith('auth/'));
  return { requests: ours.length, issued: ours.filter((path) => path.includes('/issue/')).length };
}
