import type { z } from 'zod';
import { problemAt } from './problem.ts';
import type { Finding, PathStep, Problem } from './problem.ts';
import { isSecretName } from './secrets.ts';
import { nearest } from './suggestion.ts';
import { defaultKubernetesVersion } from './versions.ts';

/** Unknown fields of one mapping that get a suggestion; nobody reads more. */
const MOST_UNKNOWN = 200;

type Issue = z.core.$ZodIssue;

/** What the schema found, as problems with path, got, want and hint. `root` is the value that was parsed. */
export function schemaProblems(issues: readonly Issue[], root: unknown): Problem[] {
  return issues.flatMap((issue) => {
    const steps = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys')
      return issue.keys
        .slice(0, MOST_UNKNOWN)
        .map((key) => unknownField([...steps, key], issue.message.split(' '), root));
    if (issue.code === 'invalid_key') return keyProblems(issue.issues, steps);
    return [problemAt(steps, valueAt(root, steps), findingOf(issue, steps, valueAt(root, steps)))];
  });
}

/** The value at these steps, or undefined. */
export function valueAt(root: unknown, steps: readonly PathStep[]): unknown {
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? Object.getOwnPropertyDescriptor(value, step)?.value
        : undefined,
    root,
  );
}

function keyProblems(issues: readonly Issue[], steps: PathStep[]): Problem[] {
  return issues.map((issue) => problemAt(steps, steps.at(-1), findingOf(issue, steps, steps.at(-1))));
}

function findingOf(issue: Issue, steps: readonly PathStep[], value: unknown): Finding {
  if (issue.code === 'custom') return ruleFinding(issue.params);
  if (issue.code === 'invalid_type') return typeFinding({ expected: issue.expected, steps, value });
  if (issue.code === 'invalid_value') return choiceFinding(issue.values.map(String), steps, value);
  if (issue.code === 'too_small' || issue.code === 'too_big') return sizeFinding(issue);
  return {
    code: 'invalid-value',
    want: 'plain text, number, boolean, list or mapping',
    hint: 'see docs/declaration.md',
  };
}

function ruleFinding(params: Record<string, unknown> | undefined): Finding {
  const finding: unknown = params?.['finding'];
  if (isFinding(finding)) return finding;
  throw new TypeError('a rule of the schema has reported no finding');
}

function isFinding(value: unknown): value is Finding {
  return typeof value === 'object' && value !== null && 'code' in value && 'want' in value && 'hint' in value;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function typeFinding({
  expected,
  steps,
  value,
}: {
  expected: string;
  steps: readonly PathStep[];
  value: unknown;
}): Finding {
  const want = typeNames[expected] ?? expected;
  if (value === undefined) return { code: 'required', want, hint: 'this field is required' };
  if (steps.length === 1 && steps[0] === 'kubernetes_version') return versionIsNumber;
  return { code: 'wrong-type', want, hint: typeHint(expected, value) };
}

const versionIsNumber: Finding = {
  code: 'invalid-version',
  want: `an exact version such as ${defaultKubernetesVersion}`,
  hint: 'three numbers with dots between them',
};

function typeHint(expected: string, value: unknown): string {
  if (expected === 'boolean') return booleanHint(value);
  if (expected === 'string') return 'put it in quotes: YAML reads it as something other than a text';
  if (expected === 'number' || expected === 'int') return numberHint(value);
  if (expected === 'array') return 'begin each entry with a hyphen';
  return 'write key: value lines below it';
}

function booleanHint(value: unknown): string {
  if (typeof value !== 'string') return 'boolean expected: write true or false';
  if (/^(yes|no|on|off|y|n)$/i.test(value))
    return `boolean expected: YAML 1.2 has only true and false, ${value} is a text`;
  return 'boolean expected: write true or false without quotes';
}

function numberHint(value: unknown): string {
  if (typeof value === 'string' && /^\s*-?\d+\s*$/.test(value)) return 'write the number without quotes';
  if (typeof value === 'string') return 'write a plain number, in the unit that the field’s name says';
  return 'a whole number: not infinite, no fraction';
}

function choiceFinding(choices: string[], steps: readonly PathStep[], value: unknown): Finding {
  const want = choices.length === 1 ? (choices[0] ?? '') : `one of ${choices.join(', ')}`;
  if (value === undefined) return { code: 'required', want, hint: 'this field is required' };
  if (steps.length === 1 && steps[0] === 'apiVersion')
    return {
      code: 'unsupported-schema',
      want,
      hint: 'unsupported schema version: use a newer release of this program, or this form',
    };
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  return {
    code: 'invalid-choice',
    want,
    hint: near === undefined ? 'no other value is known' : `did you mean ${near}?`,
  };
}

function sizeFinding(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): Finding {
  const tooSmall = issue.code === 'too_small';
  const limit = tooSmall ? issue.minimum : issue.maximum;
  const bound = tooSmall ? `at least ${limit}` : `at most ${limit}`;
  if (issue.origin === 'array')
    return {
      code: tooSmall ? 'too-few' : 'too-many',
      want: `${bound} ${Number(limit) === 1 ? 'entry' : 'entries'}`,
      hint: tooSmall ? 'the list is too short' : 'count limit',
    };
  if (issue.origin === 'string')
    return {
      code: tooSmall ? 'too-short' : 'too-long',
      want: `${bound} ${Number(limit) === 1 ? 'character' : 'characters'}`,
      hint: 'the text has the wrong length',
    };
  const hint = tooSmall ? 'lower bound of this field' : 'upper bound of this field';
  return { code: 'out-of-range', want: bound, hint };
}

/** Fields that people look for here and that are elsewhere, or nowhere. */
const elsewhere = new Map([
  ['retired', 'contradictory roles are not possible here: a node that is gone is simply taken out of nodes'],
  ['retired_nodes', 'contradictory roles are not possible here: a node that is gone is simply taken out of nodes'],
  ['pause', 'pausing is no part of the declaration: cke-client pause'],
  ['paused', 'pausing is no part of the declaration: cke-client pause'],
  ['roles', 'a control plane is a node with control_plane: true'],
]);

function unknownField(steps: PathStep[], known: string[], root: unknown): Problem {
  const name = String(steps.at(-1));
  if (isSecretName(name)) return problemAt(steps, valueAt(root, steps), secretLiteral);
  const near = nearest(name, known);
  return problemAt(steps, valueAt(root, steps), {
    code: 'unknown-field',
    want: near ?? listed(known),
    hint:
      elsewhere.get(name) ?? (near === undefined ? 'unknown field: remove it' : `unknown field: did you mean ${near}?`),
  });
}

function listed(known: string[]): string {
  return known.length > 12 ? `one of ${known.slice(0, 12).join(', ')}, …` : `one of ${known.join(', ')}`;
}

const secretLiteral: Finding = {
  code: 'secret-literal',
  got: '(redacted)',
  want: 'no secret in the declaration',
  hint: 'secrets must be references: they are kept in Vault (cke-client init makes the keys of a cluster there)',
};
