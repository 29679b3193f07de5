import { firstUpkeepSeed } from '../fleets.ts';
import type { Hunt } from './hunt.ts';
import type { Edit } from './mutate.ts';
import type { NamedTest } from './named-test.ts';

/** A program that lacks one guard, or does what a rule forbids altogether. Where a second guard would cover for it that one is taken away, too, and said so. */
export interface Mutant {
  /** Id of the rule (reliability §1). */
  rule: string;
  removes: string;
  edits: Edit[];
  hunt: Hunt | { in: 'a test'; test: NamedTest };
}

export type Row = [rule: string, removes: string, ...edits: Edit[]];

/** How many schedules a mutant may survive. */
const most = 4000;

/** Mutants that small states show. */
export const inStates = (rows: Row[]): Mutant[] =>
  rows.map(([rule, removes, ...edits]) => ({ rule, removes, edits, hunt: { in: 'small states' } }));

/** Mutants that schedules of faults show. */
export const inSchedules = (rows: Row[]): Mutant[] =>
  rows.map(([rule, removes, ...edits]) => ({ rule, removes, edits, hunt: { in: 'schedules', most, from: 1 } }));

/** Mutants that show when versions and roles change and people answer. */
export const inUpkeep = (rows: Row[]): Mutant[] =>
  rows.map(([rule, removes, ...edits]) => ({
    rule,
    removes,
    edits,
    hunt: { in: 'schedules', most, from: firstUpkeepSeed },
  }));

/** Mutants that a test shows: what they lack lies below the model, or above it. */
export const inTest = (test: NamedTest, rows: Row[]): Mutant[] =>
  rows.map(([rule, removes, ...edits]) => ({ rule, removes, edits, hunt: { in: 'a test', test } }));

/** How many schedules about rotations it may survive: each takes as long as dozens of others. */
const mostRotations = 150;

/** Mutants that schedules of rotations show. */
export const inRotations = (rows: Row[]): Mutant[] =>
  rows.map(([rule, removes, ...edits]) => ({ rule, removes, edits, hunt: { in: 'rotations', most: mostRotations } }));

/** A part of a condition that is left out. */
export const gone = (edit: Omit<Edit, 'put'>): Edit => ({ ...edit, put: '' });

/** A verdict that is always yes. */
export const allowed = (edit: Omit<Edit, 'put'>): Edit => ({ ...edit, put: 'allowed,' });
