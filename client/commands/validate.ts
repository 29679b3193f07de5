import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { controlPlanes, workers } from '../../cluster/declaration/nodes.ts';
import { parseDeclaration } from '../../cluster/declaration/parse.ts';
import type { DeclarationParsing } from '../../cluster/declaration/parse.ts';
import { problemText } from '../../cluster/declaration/problem-text.ts';
import { CkeError } from '../../cluster/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withOutput } from '../options.ts';
import { count, print } from '../output.ts';

/** `cke-client validate FILE`: everything that is wrong with a declaration, without a server. Exit code 0 or 1. */
export function validateCommand(): Command {
  const command = new Command('validate')
    .description('check a declaration: all problems at once, no server needed')
    .argument('<file>', 'cluster.yaml, or - for standard input')
    .action(async (file: string, { output }: OutputOptions) => {
      const parsing = parseDeclaration(await readDeclaration(file));
      print({ data: parsing, format: output, asText: (data) => validationText(data, file) });
      if (parsing.outcome === 'refused') process.exitCode = exitCodes.failed;
    });
  return withExamples(withOutput(command), [
    'cke-client validate cluster.yaml',
    'cke-client validate cluster.yaml --output json',
    'cke-client validate cluster.yaml --output yaml   # every default filled in',
  ]);
}

/** The bytes of a declaration. Throws CkeError (`DeclarationMissing`) when the file cannot be read. */
export async function readDeclaration(file: string): Promise<string | Uint8Array> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CkeError({
      code: 'DeclarationMissing',
      message: `${file}: cannot be read`,
      got: reason,
      want: 'a file with the declaration of a cluster',
      fix: 'start from examples/production.yaml',
      remedy: 'never',
    });
  }
}

/** What a person reads: warnings, problems, and what to do next. */
export function validationText(parsing: DeclarationParsing, file: string): string {
  const warnings = parsing.warnings.map((warning) => `warning: ${problemText(warning, file)}`);
  const verdict = parsing.outcome === 'refused' ? refusal(parsing, file) : acceptance(parsing, file);
  return [...warnings, ...verdict].join('\n\n');
}

function refusal({ problems }: DeclarationParsing & { outcome: 'refused' }, file: string): string[] {
  const described = problems.map((problem) => problemText(problem, file));
  return [
    ...described,
    `${file}: refused, ${count(problems.length, 'problem')}. Correct it, then: cke-client validate ${file}`,
  ];
}

function acceptance({ declaration, warnings }: DeclarationParsing & { outcome: 'accepted' }, file: string): string[] {
  const { name, kubernetes_version } = declaration;
  const nodes = [
    count(controlPlanes(declaration).length, 'control plane'),
    count(workers(declaration).length, 'worker'),
  ].join(', ');
  const remarks = warnings.length === 0 ? '' : ` ${count(warnings.length, 'warning')}.`;
  return [
    `${file}: valid: cluster ${name}, ${nodes}, Kubernetes ${kubernetes_version}.${remarks}\nNext: cke-client plan ${file}`,
  ];
}
