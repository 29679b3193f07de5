import type { KubernetesObject } from './kubernetes-object.ts';

/**
 * Why a live object is not what we want: the first field that we set and that differs; undefined when none does. Fields that
 * we don't set are the API server's and other people's. Lists are compared entry by entry.
 */
export function differs(wanted: KubernetesObject, live: unknown): string | undefined {
  if (live === undefined) return 'it is missing';
  return difference(wanted, live, '');
}

function difference(wanted: unknown, live: unknown, path: string): string | undefined {
  if (Array.isArray(wanted)) return listDifference(wanted, live, path);
  if (isObject(wanted)) {
    if (!isObject(live)) return `${path} is missing`;
    return first(Object.entries(wanted), ([key, value]) =>
      value === undefined ? undefined : difference(value, live[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return wanted === live ? undefined : `${path} is ${shown(live)} instead of ${shown(wanted)}`;
}

function listDifference(wanted: unknown[], live: unknown, path: string): string | undefined {
  if (!Array.isArray(live)) return `${path} is missing`;
  if (live.length !== wanted.length) return `${path} has ${live.length} entries instead of ${wanted.length}`;
  return first([...wanted.entries()], ([index, value]) => difference(value, live[index], `${path}[${index}]`));
}

function first<T>(items: T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
