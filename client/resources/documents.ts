import { parseAllDocuments, type Document, type Tags } from 'yaml';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { isDnsLabel } from '../../cluster/declaration/kubernetes-names.ts';
import { issueAnnotation } from '../../cluster/resources/user/definition.ts';
import { isMapping, type Mapping } from '../../cluster/declaration/mapping.ts';

/** One object of a file, and where it was found: `web.yaml, document 3`. */
export interface FoundObject {
  object: KubernetesObject;
  where: string;
}

export interface Reading {
  objects: FoundObject[];
  /** Complaints, each with its place and a hint. */
  problems: string[];
  /** What is worth knowing and harms nothing. */
  notes: string[];
}

/**
 * The objects in a text of one or more YAML or JSON documents, those of lists included, read as kubectl reads them: YAML 1.1, where `0644`
 * is octal. All complaints at once.
 */
export function readDocuments(text: string, file: string): Reading {
  const reading: Reading = { objects: [], problems: [], notes: [] };
  const documents = [...parseAllDocuments(text, { version: '1.1', customTags: asKubectlHas, prettyErrors: true })];
  for (const [index, document] of documents.entries()) {
    const where = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const value = valueOf(document, where, reading);
    if (value !== undefined && value !== null) readValue(value, where, reading);
  }
  return reading;
}

/** Times and binary stay the texts that they are. */
function asKubectlHas(tags: Tags): Tags {
  return tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(tag.tag.endsWith(':timestamp') || tag.tag.endsWith(':binary') || ('format' in tag && tag.format === 'TIME')),
  );
}

function valueOf(document: Document, where: string, reading: Reading): unknown {
  const [first] = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  const repeated = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  for (const { linePos } of repeated)
    reading.notes.push(`${where}: a key stands there twice (line ${linePos?.[0].line ?? '?'}); the last one counts`);
  if (first === undefined) return document.toJS({ maxAliasCount: 1000 });
  reading.problems.push(
    `${where}: no YAML: ${first.message.split('\n')[0]}; look at the indentation, colons and quotes there`,
  );
  return undefined;
}

function readValue(value: unknown, where: string, reading: Reading): void {
  if (!isMapping(value)) {
    reading.problems.push(`${where}: want an object with apiVersion, kind and metadata, got ${typeOf(value)}`);
    return;
  }
  const { kind, items } = value;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (const [index, item] of items.entries()) readValue(item, `${where}, item ${index + 1}`, reading);
    return;
  }
  const problems = problemsOf(value);
  if (problems.length > 0) {
    reading.problems.push(...problems.map((problem) => `${where}: ${problem}`));
    return;
  }
  const object = value as unknown as KubernetesObject;
  const hook = hookOf(object);
  if (hook === undefined) reading.objects.push({ object, where });
  else reading.notes.push(`${where}: ${object.kind} ${object.metadata.name} is left out: Helm runs it at ${hook} only`);
}

function problemsOf({ apiVersion, kind, metadata }: Mapping): string[] {
  const problems: string[] = [];
  if (typeof apiVersion !== 'string' || !/^([a-z0-9.-]+\/)?v[a-z0-9]+$/.test(apiVersion))
    problems.push(`apiVersion: want a text such as v1 or apps/v1, got ${shown(apiVersion)}`);
  if (typeof kind !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(kind))
    problems.push(`kind: want a text such as ConfigMap, got ${shown(kind)}`);
  if (!isMapping(metadata)) return [...problems, `metadata: want a mapping with a name, got ${shown(metadata)}`];
  const { name, namespace } = metadata;
  if (typeof name !== 'string' || name === '' || name.length > 253 || /[/%]|^\.\.?$/.test(name))
    problems.push(`metadata.name: want a name without slashes, got ${shown(name)}${nameHint(metadata)}`);
  if (namespace !== undefined && !(typeof namespace === 'string' && isDnsLabel(namespace)))
    problems.push(`metadata.namespace: want lower-case letters, digits and hyphens, got ${shown(namespace)}`);
  const texts = [...textProblems(metadata, 'labels'), ...textProblems(metadata, 'annotations')];
  return [...problems, ...texts, ...serviceProblems(metadata)];
}

function serviceProblems({ annotations }: Mapping): string[] {
  const service = isMapping(annotations) ? annotations[issueAnnotation] : undefined;
  if (typeof service !== 'string' || isDnsLabel(service)) return [];
  return [`metadata.annotations.${issueAnnotation}: want the name of a Service, got ${shown(service)}`];
}

const nameHint = ({ generateName }: Mapping): string =>
  generateName === undefined ? '' : '; generateName makes another object each time: give it a name';

function textProblems(metadata: Mapping, field: 'labels' | 'annotations'): string[] {
  const texts = metadata[field];
  if (texts === undefined || texts === null) return [];
  if (!isMapping(texts)) return [`metadata.${field}: want a mapping of texts, got ${typeOf(texts)}`];
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [] : [`metadata.${field}.${key}: want a text, got ${shown(value)}; put it in quotes`],
  );
}

const installing = ['crd-install', 'pre-install', 'post-install', 'pre-upgrade', 'post-upgrade'];

/** When Helm runs an object that is no part of what is installed: tests, and what comes at a deletion or a rollback. */
function hookOf({ metadata }: KubernetesObject): string | undefined {
  const hook = metadata.annotations?.['helm.sh/hook'];
  return hook?.split(',').some((one) => installing.includes(one.trim())) ? undefined : hook;
}

function typeOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
}

/** Never more than a few characters: it may stand in a Secret. */
function shown(value: unknown): string {
  if (typeof value === 'object' || value === undefined) return typeOf(value);
  return JSON.stringify(value).slice(0, 40);
}
