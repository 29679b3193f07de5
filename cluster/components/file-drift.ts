import { canonicalJson } from '../canonical.ts';
import { list, listDrift, quoted } from './drift-text.ts';
import type { FileSpec } from './spec.ts';

/** How a set of files has changed, one entry per file: `file <path>: maxPods 110 → 50`. */
export function fileDrift(made: FileSpec[], wanted: FileSpec[]): string[] {
  const before = new Map(made.map((file) => [file.path, file]));
  const after = new Map(wanted.map((file) => [file.path, file]));
  const gone = made.filter(({ path }) => !after.has(path)).map(({ path }) => `file ${path} removed`);
  const rest = wanted.flatMap((file) => {
    const old = before.get(file.path);
    if (old === undefined) return [`file ${file.path} added`];
    const difference = contentDrift(old, file);
    return difference === undefined ? [] : [`file ${file.path}: ${difference}`];
  });
  return [...gone, ...rest];
}

function contentDrift(made: FileSpec, wanted: FileSpec): string | undefined {
  if (made.content !== wanted.content) return `${made.content} → ${wanted.content}`;
  if (made.content === 'text' && wanted.content === 'text' && made.text !== wanted.text) {
    return textDrift(made.text, wanted.text);
  }
  // A key's certificate is a file of the same set, and says it.
  if ('certificate' in made && 'certificate' in wanted && wanted.content !== 'private-key') {
    const difference = fieldDrift(made.certificate, wanted.certificate, ['lifetimeHours', 'renewBeforeHours']);
    if (difference !== undefined) return difference;
  }
  return fieldDrift(made, wanted, ['text', 'certificate', 'path']);
}

function fieldDrift(made: object, wanted: object, apart: string[]): string | undefined {
  const fields = [...new Set([...Object.keys(made), ...Object.keys(wanted)])].filter((field) => !apart.includes(field));
  const changes = fields.flatMap((field) => {
    const [before, after] = [Reflect.get(made, field) as unknown, Reflect.get(wanted, field) as unknown];
    if (canonicalJson([before]) === canonicalJson([after])) return [];
    return [`${field} ${valueText(before)} → ${valueText(after)}`];
  });
  return changes.length === 0 ? undefined : list(changes);
}

function valueText(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return quoted(value.join(','));
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Lines that differ, `key: value` lines of one key paired: our files are YAML in block style, or HAProxy's. */
function textDrift(made: string, wanted: string): string {
  const [change = ''] = listDrift('', contentLines(made), contentLines(wanted), nameOfLine);
  const text = change.replace(/^: /, '');
  return text.replaceAll(/(^|, )([\w.-]+): (.*?) → \2: /g, '$1$2 $3 → ');
}

function contentLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function nameOfLine(line: string): string {
  const [first = '', second = ''] = line.split(/[:\s]+/);
  return first === 'server' || first === 'timeout' ? `${first} ${second}` : first;
}
