import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Import {
  /** File that imports, relative to the repository. */
  from: string;
  /** File of the repository, or the name of a package (`node:fs`, `@temporalio/workflow`, `zod`). */
  to: string;
  kind: 'file' | 'package';
  /** A `type` import is gone when the program runs. */
  use: 'type' | 'value';
}

/** Every import and re-export of the TypeScript files below `rooms`. */
export function importsOf(rooms: readonly string[]): Import[] {
  return rooms.flatMap(filesBelow).flatMap((from) => importsIn(from, readFileSync(join(root, from), 'utf8')));
}

function filesBelow(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${room}/${file}`);
}

const statement =
  /^(?:import|export)\s+(?<type>type\s)?(?<names>[^'";]*?)\s*from\s*'(?<source>[^']+)'|^import\s*'(?<bare>[^']+)'|\bimport\('(?<dynamic>[^']+)'\)/gm;

/** The imports in a file's text. */
export function importsIn(from: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(({ groups = {} }) => {
    const source = groups['source'] ?? groups['bare'] ?? groups['dynamic'] ?? '';
    const use = groups['type'] !== undefined || namesTypesOnly(groups['names']) ? 'type' : 'value';
    const isFile = source.startsWith('.');
    return {
      from,
      to: isFile ? posix.join(dirname(from), source) : packageOf(source),
      kind: isFile ? 'file' : 'package',
      use,
    };
  });
}

function namesTypesOnly(names: string | undefined): boolean {
  const inside = /^\{(?<list>.*)\}$/s.exec(names ?? '')?.groups?.['list'];
  const list = inside?.split(',').map((name) => name.trim());
  return list !== undefined && list.filter((name) => name !== '').every((name) => name.startsWith('type '));
}

function packageOf(source: string): string {
  if (source.startsWith('node:')) return source;
  return source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Everything that is loaded when `entry` is: files and packages, each with the chain of files that leads there. */
export function loadedFrom(entry: string, imports: readonly Import[]): Map<string, string[]> {
  const chains = new Map<string, string[]>([[entry, [entry]]]);
  for (const [file, chain] of chains) {
    for (const { to } of imports.filter((one) => one.from === file && one.use === 'value'))
      if (!chains.has(to)) chains.set(to, [...chain, to]);
  }
  return chains;
}
