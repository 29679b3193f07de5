import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { CkeError } from '../cluster/errors.ts';
import type { SavedPlan } from '../cluster/saved-plan.ts';

const schema: z.ZodType<SavedPlan> = z.object({
  version: z.literal(1),
  cluster: z.string().min(1),
  madeAt: z.iso.datetime(),
  revision: z.int().positive(),
  declaration: z.string(),
  identity: z.object({
    text: z.string(),
    steps: z.array(z.object({ title: z.string(), fingerprint: z.string() })),
    observed: z.record(z.string(), z.string()),
  }),
});

/** Writes what `apply --plan` needs; the file holds the declaration and nothing secret. @throws CkeError InvalidRequest */
export function writePlan(file: string, plan: SavedPlan): void {
  try {
    writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`);
  } catch (error) {
    throw unusable(file, 'cannot be written', error);
  }
}

/** @throws CkeError InvalidRequest for a file that `plan --out` has not written */
export function readPlan(file: string): SavedPlan {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw unusable(file, 'is no plan that plan --out has written', error);
  }
}

function unusable(file: string, what: string, error: unknown): CkeError {
  const got = error instanceof z.ZodError ? (error.issues[0]?.message ?? 'another form') : reasonOf(error);
  return new CkeError({
    code: 'InvalidRequest',
    message: `${file} ${what}`,
    got,
    fix: 'cke-client plan cluster.yaml --out FILE writes one',
    remedy: 'never',
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof SyntaxError ? 'no JSON' : 'unreadable';
}
