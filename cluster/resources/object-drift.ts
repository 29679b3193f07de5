import { isMapping } from '../declaration/mapping.ts';
import { entryToken, isKeyed, itemOf, managersOf, owns, type FieldSet, type ManagedFields } from './field-set.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** Who we are in the managed fields of objects. */
export const fieldManager = 'cke';

/** Whether an entry of managed fields is what we have applied. */
export const isApplied = ({ manager, operation }: Pick<ManagedFields, 'manager' | 'operation'>): boolean =>
  manager === fieldManager && operation === 'Apply';

/** A place in an object: for people, and in the tokens of managed fields. */
interface Place {
  text: string;
  tokens: readonly string[];
}

interface Difference {
  because: string;
  tokens: readonly string[];
}

const root: Place = { text: '', tokens: [] };

/**
 * Why a live object is not what we want, or undefined when it is: a field that we set and that has another value, with the name of who
 * changed it, or one that we set once and want no more. Fields of others are theirs: also entries that they add to a list with keys.
 */
export function objectDrift(wanted: KubernetesObject, live: unknown): string | undefined {
  if (live === undefined) return 'it is missing';
  const managers = managersOf(live);
  const ours = managers.find(isApplied)?.fieldsV1;
  if (ours === undefined) return 'it was made by somebody else';
  // What names the object is no field of it, and the items of a list don't repeat their kind.
  const { apiVersion: _version, kind: _kind, ...fields } = wanted;
  const found = difference(fields, { live, ours }, root) ?? superfluous(fields, ours, root);
  if (found === undefined) return undefined;
  const other = managers.find((one) => one.manager !== fieldManager && owns(one.fieldsV1, found.tokens));
  return other?.manager === undefined ? found.because : `${found.because} (set by ${other.manager})`;
}

interface Seen {
  live: unknown;
  /** Our fields at this place. */
  ours: FieldSet | undefined;
}

function difference(wanted: unknown, seen: Seen, place: Place): Difference | undefined {
  const { live } = seen;
  const { text, tokens } = place;
  if (Array.isArray(wanted)) return listDifference(wanted, seen, place);
  if (isMapping(wanted)) {
    if (!isMapping(live)) return { because: `${text} is missing`, tokens };
    return first(Object.entries(wanted), ([key, value]) =>
      value === undefined
        ? undefined
        : difference(value, { live: live[key], ours: seen.ours?.[`f:${key}`] }, below(place, key)),
    );
  }
  return wanted === live ? undefined : { because: `${text} is ${shown(live)} instead of ${shown(wanted)}`, tokens };
}

function listDifference(wanted: unknown[], { live, ours }: Seen, place: Place): Difference | undefined {
  const { text, tokens } = place;
  if (!Array.isArray(live)) return { because: `${text} is missing`, tokens };
  if (isKeyed(ours))
    return first([...wanted.entries()], ([index, value]) => {
      const token = entryToken(ours, value);
      const item = token && itemOf(live, token);
      if (token === undefined || item === undefined) return { because: `${text}[${index}] is missing`, tokens };
      const at = { text: `${text}[${index}]`, tokens: [...tokens, token] };
      return difference(value, { live: item, ours: ours[token] }, at);
    });
  if (live.length !== wanted.length)
    return { because: `${text} has ${live.length} entries instead of ${wanted.length}`, tokens };
  return first([...wanted.entries()], ([index, value]) =>
    difference(value, { live: live[index], ours: undefined }, { text: `${text}[${index}]`, tokens }),
  );
}

/** A field that we own and don't set any more: applying takes it out. */
function superfluous(wanted: unknown, ours: FieldSet, place: Place): Difference | undefined {
  return first(Object.keys(ours), (token) => {
    if (token === '.') return undefined;
    const isField = token.startsWith('f:');
    const value = isField ? (isMapping(wanted) ? wanted[token.slice(2)] : undefined) : itemOf(wanted, token);
    const text = isField ? below(place, token.slice(2)).text : `${place.text}[${token.slice(2)}]`;
    const tokens = [...place.tokens, token];
    if (value === undefined) return { because: `${text} is not wanted any more`, tokens };
    return superfluous(value, ours[token] ?? {}, { text, tokens });
  });
}

const below = ({ text, tokens }: Place, key: string): Place => ({
  text: text === '' ? key : `${text}.${key}`,
  tokens: [...tokens, `f:${key}`],
});

function first<T>(items: T[], look: (item: T) => Difference | undefined): Difference | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
