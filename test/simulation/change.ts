import type { Declaration } from '../../cluster/declaration/declaration.ts';

/** Something that a person changes in the declaration. */
export interface Change {
  name: string;
  make: (before: Declaration) => Declaration;
}
