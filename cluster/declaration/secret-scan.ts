import { problemAt } from './problem.ts';
import type { Finding, PathStep, Problem } from './problem.ts';
import { secretIn } from './secrets.ts';

/** Secrets in the values of a document, by path. Nothing of them is echoed. */
export function secretsInValues(value: unknown, steps: PathStep[] = []): Problem[] {
  if (typeof value === 'string') {
    const kind = secretIn(value, steps);
    return kind === undefined ? [] : [problemAt(steps, value, secretFinding(kind))];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...(secretIn(key) === undefined ? [] : [problemAt([...steps, key], undefined, secretFinding('a secret'))]),
    ...secretsInValues(child, [...steps, Array.isArray(value) ? Number(key) : key]),
  ]);
}

/** Secrets in the text itself that no value holds: comments. `found` are the lines of those in values. */
export function secretsInComments(text: string, found: readonly (number | undefined)[]): Problem[] {
  return text.split('\n').flatMap((content, index) => {
    const comment = /(?:^|\s)#(.*)$/.exec(content)?.[1];
    const line = index + 1;
    if (comment === undefined || found.includes(line) || found.includes(line - 1)) return [];
    const kind = secretIn(comment.trim());
    return kind === undefined
      ? []
      : [{ ...problemAt([], undefined, secretFinding(kind)), got: `a comment in line ${line}`, line }];
  });
}

const secretFinding = (kind: string): Finding => ({
  code: 'secret',
  got: '(redacted)',
  want: 'no secret in the declaration',
  hint: `this looks like ${kind}: treat it as leaked, replace it, and keep it in Vault`,
});
