import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutated, type Edit } from './mutate.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const leftOut = ['node_modules', '.git', '.lab'];

/** A copy of the repository that lacks a guard, for programs that read or bundle its files themselves. Gone when `use` has ended. */
export async function withMutatedTree<T>(edits: readonly Edit[], use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'cke-mutant-'));
  try {
    cpSync(root, directory, { recursive: true, filter: (path) => !leftOut.includes(basename(path)) });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const edit of edits) {
      const path = join(directory, edit.file);
      writeFileSync(path, mutated(readFileSync(path, 'utf8'), edit));
    }
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
