import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { attempt, run } from './command.ts';
import { LabError } from './errors.ts';
import { onPath } from './requirements.ts';
import type { Progress } from './progress.ts';
import { cacheDirectory, partialOf, repository, writeAtomically } from './state.ts';
import { isPinned, modules, tools } from './versions.ts';
import type { ModuleName, ToolName } from './versions.ts';

/** Tells the absolute path of each program that was asked for. */
export type Toolchain<T extends ToolName> = (name: T) => string;

/**
 * Finds each program: on PATH at the pinned version, else in the cache, else built from its pinned Go module into the cache.
 * Throws LabError when Go is missing or a build fails.
 */
export async function resolveTools<T extends ToolName>(names: readonly T[], progress: Progress): Promise<Toolchain<T>> {
  const found = await findTools(names);
  const missing = [...new Set(names)].filter((name) => !found.has(name));
  if (missing.length === 0) return (name) => found.get(name) ?? notBuilt(name);
  progress.say(`${missing.length} programs are to be built from Go modules, once; all of them take about 12 minutes`);
  await withLock(join(cacheDirectory(), 'build.lock'), progress, async () => {
    for (const module of new Set(missing.map((name) => tools[name].module))) {
      const wanted = missing.filter((name) => tools[name].module === module);
      const builtMeanwhile = await findTools(wanted);
      const still = wanted.filter((name) => !builtMeanwhile.has(name));
      if (still.length > 0) await build(module, still, progress);
    }
  });
  const all = await findTools(names);
  return (name) => all.get(name) ?? notBuilt(name);
}

async function findTools(names: readonly ToolName[]): Promise<ReadonlyMap<ToolName, string>> {
  const found = await Promise.all(names.map(async (name) => [name, await findTool(name)] as const));
  return new Map(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path] as const])));
}

function notBuilt(name: ToolName): never {
  throw new LabError({
    what: `${name} is not there at version ${modules[tools[name].module].version}`,
    why: `lab/toolchain/${tools[name].module}/go.mod pins another version`,
    cure: 'make lab/versions.ts and that go.mod agree',
  });
}

async function findTool(name: ToolName): Promise<string | undefined> {
  const cached = join(cacheDirectory(), 'bin', name);
  for (const path of [onPath(name), cached]) {
    if (path !== undefined && existsSync(path) && (await hasVersion(name, path))) return path;
  }
  return undefined;
}

/** Asking a 100 MB program for its version takes a while: the answer is kept with the file's size and time of change. */
async function hasVersion(name: ToolName, path: string): Promise<boolean> {
  const { size, mtimeMs } = statSync(path);
  const memo = join(cacheDirectory(), 'versions', `${path.replaceAll('/', '_')}.txt`);
  const key = `${size} ${mtimeMs} `;
  const known = existsSync(memo) ? readFileSync(memo, 'utf8') : '';
  const answer = known.startsWith(key) ? known.slice(key.length) : await askVersion(name, path);
  if (!known.startsWith(key)) writeAtomically(memo, key + answer);
  return isPinned(name, answer);
}

async function askVersion(name: ToolName, path: string): Promise<string> {
  try {
    const { stdout, stderr } = await attempt(path, tools[name].askVersion);
    return (stdout + stderr).slice(0, 400);
  } catch {
    return '';
  }
}

async function build(module: ModuleName, names: readonly ToolName[], progress: Progress): Promise<void> {
  const go = onPath('go') ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : undefined);
  if (go === undefined) {
    throw new LabError({
      what: `${names.join(', ')} ${modules[module].version} cannot be built`,
      why: 'they are neither on PATH nor in the cache, and there is no Go to build them with',
      cure: 'install Go 1.26 (https://go.dev/dl) and try again',
    });
  }
  const bin = join(cacheDirectory(), 'bin');
  mkdirSync(bin, { recursive: true });
  await progress.phase(`building ${names.join(', ')} ${modules[module].version}`, async (detail) => {
    let compiled = 0;
    const staging = partialOf(join(bin, `.${module}`));
    mkdirSync(staging);
    for (const name of names) {
      const argv = ['build', '-v', '-trimpath', `-ldflags=${['-s', '-w', ...modules[module].stamp].join(' ')}`];
      await run(go, [...argv, `-tags=${modules[module].tags}`, '-o', join(staging, name), tools[name].package], {
        cwd: join(repository, 'lab', 'toolchain', module),
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
        onErrorLine: (line) => {
          if (!line.startsWith('go: ')) compiled++;
          detail(line.startsWith('go: ') ? line : `${compiled} packages compiled`);
        },
      });
      chmodSync(join(staging, name), 0o755);
      renameSync(join(staging, name), join(bin, name));
    }
    rmSync(staging, { recursive: true });
  });
}
