import { registerHooks, type ModuleSource } from 'node:module';

/** Text of a source file that is replaced by another: the guard is not there any more. */
export interface Edit {
  /** From the root of the repository. */
  file: string;
  /** Where in the file to begin to look, when the text stands there more than once. */
  after?: string;
  find: string;
  put: string;
}

/** The text with the edit made. @throws RangeError when the guard is not there: the table of mutants is out of date */
export function mutated(source: string, { file, after = '', find, put }: Edit): string {
  const begin = source.indexOf(after);
  const at = begin < 0 ? -1 : source.indexOf(find, begin);
  if (at < 0) throw new RangeError(`${file} has no ${JSON.stringify(find)} (any more)`);
  return source.slice(0, at) + put + source.slice(at + find.length);
}

function textOf(source: ModuleSource | null | undefined): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source ?? new Uint8Array());
}

/** From now on this thread imports the files as edited. */
export function mutate(edits: readonly Edit[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const own = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (own.length === 0) return loaded;
      return { ...loaded, source: own.reduce(mutated, textOf(loaded.source)) };
    },
  });
}
