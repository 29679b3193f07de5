import { z } from 'zod';
import type { Finding, PathStep } from './problem.ts';

/** What a rule says about a part of a value: where in it, and what. */
export interface PlacedFinding {
  at: PathStep[];
  finding: Finding;
}

/** An object that refuses unknown keys and names the known ones, which is what suggestions are made from. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}

/** A schema with a rule that looks at its whole value. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  find: (value: z.output<Schema>) => Finding | undefined,
): Schema {
  return placed(schema, (value) => {
    const finding = find(value);
    return finding === undefined ? [] : [{ at: [], finding }];
  });
}

/** A schema with a rule that finds things in parts of its value. */
export function placed<Schema extends z.ZodType>(
  schema: Schema,
  find: (value: z.output<Schema>) => PlacedFinding[],
): Schema {
  return schema.superRefine((value, context) => {
    for (const { at, finding } of find(value))
      context.addIssue({ code: 'custom', message: finding.want, path: at, params: { finding } });
  });
}

/** Bounds of a number. */
export interface Bounds {
  least: number;
  most: number;
}

export function whole({ least, most }: Bounds) {
  return z.int().min(least).max(most);
}

export function between({ least, most }: Bounds) {
  return z.number().min(least).max(most);
}

/** A text that follows a pattern; `want` says the pattern in words. */
export function matching(pattern: RegExp, { want, hint }: { want: string; hint: string }) {
  return checked(z.string(), (value) => (pattern.test(value) ? undefined : { code: 'invalid-text', want, hint }));
}

/** A finding at each entry whose `field` an earlier one has already. */
export function repeated<K extends string>(
  list: readonly Readonly<Record<K, string>>[],
  field: K,
  finding: Finding,
): PlacedFinding[] {
  return list.flatMap((entry, index) =>
    list.findIndex((one) => one[field] === entry[field]) === index ? [] : [{ at: [index, field], finding }],
  );
}

/** Name of an entry in the cluster's Vault KV. */
export function vaultEntry() {
  return matching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
    want: 'the name of an entry',
    hint: 'letters, digits, _ and -',
  });
}

/** An argv: a list of words without control characters. */
export const argv = z
  .array(
    checked(z.string(), (word) =>
      /\p{Cc}/u.test(word)
        ? { code: 'control-character', want: 'printable text', hint: 'remove the control character' }
        : undefined,
    ),
  )
  .max(100);
