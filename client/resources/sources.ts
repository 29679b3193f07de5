import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { CkeError } from '../../cluster/errors.ts';
import { definitionOf } from '../../cluster/resources/user/definition.ts';
import { describeResource, resourceKey, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { readDocuments, type FoundObject, type Reading } from './documents.ts';

/** What a person wants, by key, and what is worth knowing about the files. */
export interface Wishes {
  objects: Map<ResourceKey, KubernetesObject>;
  notes: string[];
}

/** More than one request to the management etcd may hold. */
const largestObject = 1_000_000;

/**
 * The objects of files, of all `.yaml`, `.yml` and `.json` files below directories, and of standard input (`-`).
 * @throws CkeError InvalidRequest with every complaint
 */
export async function readSources(sources: readonly string[]): Promise<Wishes> {
  const files = (await Promise.all(sources.map(filesOf))).flat();
  const texts = await Promise.all(files.map(async (file) => ({ text: await textOf(file), name: nameOf(file) })));
  return wishesOf(texts, sources);
}

/** The same of texts, each with the name that complaints give it. @throws CkeError InvalidRequest with every complaint */
export function wishesOf(
  texts: readonly { text: string; name: string }[],
  sources: readonly string[] = texts.map(({ name }) => name),
): Wishes {
  const readings = texts.map((one) => readDocuments(one.text, one.name));
  const all = readings.flatMap(({ objects }) => objects);
  const problems = [...readings.flatMap((one: Reading) => one.problems), ...doubles(all), ...tooLarge(all)];
  if (problems.length > 0) throw refused(problems);
  if (all.length === 0) throw refused([`${sources.join(', ')}: there is no object in it`]);
  return {
    objects: new Map(all.map(({ object }) => [keyOf(object), definitionOf(object)])),
    notes: readings.flatMap(({ notes }) => notes),
  };
}

const keyOf = (object: KubernetesObject): ResourceKey => resourceKey(definitionOf(object));

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

async function filesOf(source: string): Promise<string[]> {
  if (source === '-') return [source];
  const found = await stat(source).catch(() => undefined);
  if (found === undefined) throw refused([`${source}: there is no such file or directory`]);
  if (!found.isDirectory()) return [source];
  const files = await readdir(source, { recursive: true });
  return files
    .filter((file) => /\.(yaml|yml|json)$/.test(file))
    .toSorted()
    .map((file) => join(source, file));
}

async function textOf(file: string): Promise<string> {
  if (file === '-') return text(stdin);
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) throw refused([`${file}: can't be read`]);
  return bytes.toString('utf8');
}

/** Two documents about one object contradict each other. */
function doubles(all: FoundObject[]): string[] {
  const byKey = Map.groupBy(all, ({ object }) => keyOf(object));
  return [...byKey].flatMap(([key, [first, second]]) =>
    first && second ? [`${second.where}: ${describeResource(key)} stands in ${first.where} already`] : [],
  );
}

function tooLarge(all: FoundObject[]): string[] {
  return all.flatMap(({ object, where }) => {
    const bytes = Buffer.byteLength(JSON.stringify(object));
    return bytes > largestObject
      ? [`${where}: ${object.kind} ${object.metadata.name} has ${bytes} bytes, at most ${largestObject} are possible`]
      : [];
  });
}

const mostTold = 50;

function refused(problems: string[]): CkeError {
  const more = problems.length > mostTold ? [`and ${problems.length - mostTold} more`] : [];
  return new CkeError({
    code: 'InvalidRequest',
    message: ['these resources are refused', ...problems.slice(0, mostTold), ...more].join('\n  '),
    fix: 'correct them; nothing was changed',
    remedy: 'never',
  });
}
