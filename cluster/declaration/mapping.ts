import type { PathStep } from './problem.ts';

/** A mapping of a document whose fields are not known to be right. */
export type Mapping = Record<string, unknown>;

/** Tells of a field of an older release: where it stood, what was there, what says the same today. */
export type Report = (steps: PathStep[], value: unknown, today: string) => void;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Moves a field's value to another name. */
export function rename(mapping: Mapping, from: string, to: string): void {
  mapping[to] = mapping[from];
  delete mapping[from];
}
