import { crossProblems } from './cross-rules.ts';
import type { Declaration } from './declaration.ts';
import { normalise } from './normalise.ts';
import { fromOlderForm } from './older-form.ts';
import { problemAt } from './problem.ts';
import { inOrder, limited, sorted, withoutRepetition } from './problem-list.ts';
import type { Problem } from './problem.ts';
import { schemaProblems } from './schema-problems.ts';
import { declarationSchema } from './schema.ts';
import { secretsInComments, secretsInValues } from './secret-scan.ts';
import { warningsFor } from './warnings.ts';
import { readYaml } from './yaml-document.ts';

export type DeclarationParsing =
  | { outcome: 'accepted'; declaration: Declaration; warnings: Problem[] }
  | { outcome: 'refused'; problems: Problem[]; warnings: Problem[] };

/** etcd refuses requests above 1.5 MiB, Temporal payloads above 2 MB: a declaration with its aliases expanded must fit. Rule D-14. */
const MAX_NORMALISED_BYTES = 1.5 * 1024 * 1024;

/**
 * Reads cluster.yaml: the one way in, for the client and for everything else. Never throws on bad input: all problems come at once, in
 * the order of the file.
 */
export function parseDeclaration(source: string | Uint8Array): DeclarationParsing {
  const reading = readYaml(source);
  if (reading.outcome === 'refused') return { outcome: 'refused', problems: limited(reading.problems), warnings: [] };
  const { lineOf, text, value } = reading;
  const { root, warnings: older } = fromOlderForm(value);
  const parsed = declarationSchema.safeParse(root);
  const secrets = inOrder(secretsInValues(value), lineOf);
  const secretLines = secrets.map(({ line }) => line);
  const others = [...schemaProblems(parsed.error?.issues ?? [], root), ...crossProblems(root)];
  const problems = [
    ...secrets,
    ...secretsInComments(text, secretLines),
    ...inOrder(withoutRepetition(others, secrets), lineOf),
  ];
  if (problems.length > 0 || !parsed.success)
    return { outcome: 'refused', problems: limited(sorted(problems)), warnings: inOrder(older, lineOf) };
  return accepted(normalise(parsed.data), (warnings) => inOrder([...older, ...warnings], lineOf));
}

function accepted(declaration: Declaration, placed: (warnings: Problem[]) => Problem[]): DeclarationParsing {
  const size = new TextEncoder().encode(JSON.stringify(declaration)).length;
  if (size <= MAX_NORMALISED_BYTES)
    return { outcome: 'accepted', declaration, warnings: placed(warningsFor(declaration)) };
  const finding = {
    code: 'too-large',
    got: `${size} bytes with aliases expanded`,
    want: `at most ${MAX_NORMALISED_BYTES} bytes`,
    hint: 'size limit before send: it would not fit into one record',
  };
  return { outcome: 'refused', problems: [problemAt([], undefined, finding)], warnings: [] };
}
