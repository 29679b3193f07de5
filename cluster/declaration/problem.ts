import { looksSecret, secretIn } from './secrets.ts';

/** One thing that is wrong (or, as a warning, questionable) in a declaration. No text in it holds a secret. */
export interface Problem {
  /** Stable, for programs: `unknown-field`, `duplicate-address`, … */
  code: string;
  /** JSON pointer into the document; empty for the document itself. */
  path: string;
  /** What was found, redacted, at most 80 characters. */
  got: string;
  want: string;
  hint: string;
  /** Line in the file, from 1, where it could be told. */
  line?: number;
}

/** What a rule says about a value; where it stands is known to the caller. `got` replaces the value's own text. */
export interface Finding {
  code: string;
  want: string;
  hint: string;
  got?: string;
}

export type PathStep = string | number;

/** A JSON pointer (RFC 6901) for the steps from the document's root; a key that is a secret is left out. */
export function pointer(steps: readonly PathStep[]): string {
  const names = steps.map((step) => (secretIn(String(step)) === undefined ? String(step) : '(redacted)'));
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Completes a finding with its place and the value found there. */
export function problemAt(steps: readonly PathStep[], value: unknown, { got, ...finding }: Finding): Problem {
  const { code, want, hint } = finding;
  return { code, path: printable(pointer(steps), 200), got: got ?? shown(value, steps), want, hint };
}

const LONGEST = 80;

/** A value as an operator may read it: secrets left out, control characters escaped, at most 80 characters. */
export function shown(value: unknown, steps: readonly PathStep[] = []): string {
  if (value === undefined) return 'nothing';
  if (looksSecret(value, steps)) return '(redacted)';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return printable(JSON.stringify(value), LONGEST);
}

/** Text with everything but printable ASCII and common letters escaped, cut to a length. */
export function printable(text: string, longest: number): string {
  const escaped = text.replace(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
  return escaped.length > longest ? `${escaped.slice(0, longest - 1)}…` : escaped;
}
