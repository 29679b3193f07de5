import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lab/command.ts';
import { repository } from '../../lab/state.ts';
import type { ModuleName } from '../../lab/versions.ts';

/** Unpacks Debian's packages into a directory: installed, some would start services of their own. */
export async function unpackPackages(directory: string, packages: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const script = 'apt-get download -qq "$@" && for package in *.deb; do dpkg -x "$package" .; done';
  await run('sh', ['-ec', script, 'unpack', ...packages], { cwd: directory });
}

/** Where the sources of a Go module lie that a module of the lab's toolchain pins. */
export async function moduleSources(toolchain: ModuleName, module: string): Promise<string> {
  const cwd = join(repository, 'lab/toolchain', toolchain);
  return (await run('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd })).trim();
}
