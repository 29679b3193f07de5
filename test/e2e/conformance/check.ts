import type { Place } from './place.ts';

/** One thing that a cluster has to do, in a namespace of its own. */
export interface Check {
  readonly what: string;
  /** Labels of its namespace. */
  readonly labels?: Record<string, string>;
  readonly run: (place: Place) => Promise<void>;
}
