import { isMapping } from '../declaration/mapping.ts';

/**
 * The fields of one manager, as an object's `metadata.managedFields` has them (FieldsV1): `f:name` is a field, `k:{…}` the entry of a list
 * with these keys, `v:…` a value of a set, and `.` the thing itself. What has nothing below it is owned whole.
 */
export interface FieldSet {
  [token: string]: FieldSet;
}

/** An entry of `managedFields`. */
export interface ManagedFields {
  manager?: string;
  operation?: string;
  fieldsV1?: FieldSet;
}

/** Who manages which fields of a live object. */
export function managersOf(live: unknown): ManagedFields[] {
  if (!isMapping(live) || !isMapping(live['metadata'])) return [];
  const entries = live['metadata']['managedFields'];
  return Array.isArray(entries) ? entries.filter((entry): entry is ManagedFields => isMapping(entry)) : [];
}

/** The token of the list entry that an item is, where the manager's list is one of entries with keys. */
export function entryToken(fields: FieldSet | undefined, item: unknown): string | undefined {
  return Object.keys(fields ?? {}).find((token) => token.startsWith('k:') && hasKeys(item, keysOf(token)));
}

/** Whether a list is made of entries with keys, each with an owner of its own. */
export function isKeyed(fields: FieldSet | undefined): fields is FieldSet {
  return Object.keys(fields ?? {}).some((token) => token.startsWith('k:'));
}

/** The item of a list that a token `k:{…}` or `v:…` speaks of. */
export function itemOf(list: unknown, token: string): unknown {
  if (!Array.isArray(list)) return undefined;
  if (token.startsWith('v:')) return list.find((item) => JSON.stringify(item) === token.slice(2));
  return list.find((item) => hasKeys(item, keysOf(token)));
}

/** Whether the field at the end of a path of tokens is in a set. */
export function owns(fields: FieldSet | undefined, path: readonly string[]): boolean {
  let at = fields;
  for (const token of path) {
    if (at === undefined) return false;
    at = at[token];
  }
  return at !== undefined;
}

function keysOf(token: string): Record<string, unknown> {
  const keys: unknown = JSON.parse(token.slice(2));
  return isMapping(keys) ? keys : {};
}

/** A key that is left out has a default, which the API server has filled in. */
function hasKeys(item: unknown, keys: Record<string, unknown>): boolean {
  return (
    isMapping(item) && Object.entries(keys).every(([key, value]) => item[key] === undefined || item[key] === value)
  );
}
