import type { Problem } from './problem.ts';

/** A problem as a terminal shows it: file and line, field, got, want, fix. */
export function problemText({ code, path, got, want, hint, line }: Problem, file: string): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return [
    `${place}: ${path === '' ? 'the document' : path}: ${code}`,
    `  got    ${got}`,
    `  want   ${want}`,
    `  fix    ${hint}`,
  ].join('\n');
}
