import { readArchive } from './archive.ts';
import type { Engine } from './engine.ts';
import { damageFile } from './publish-script.ts';

/** One installed file that is not as it was installed. */
export interface Damage {
  /** Name of the file set: the component's. */
  set: string;
  /** Below the root of the set. */
  path: string;
  /** `content`, `link` (the public path leads elsewhere), or the mode and owner that it has. */
  what: string;
}

/** What the last check of a node's files found. */
export async function readDamage(engine: Engine): Promise<Damage[]> {
  const bytes = await readArchive(engine, damageFile);
  return parseDamage(bytes?.toString() ?? '');
}

export function parseDamage(text: string): Damage[] {
  return text.split('\n').flatMap((line) => {
    const [set = '', path = '', what = ''] = line.split('\t');
    return what === '' ? [] : [{ set, path, what }];
  });
}
