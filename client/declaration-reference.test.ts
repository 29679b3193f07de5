import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { declarationReference } from './declaration-reference.ts';

test('docs/declaration.md is what the schema says today (else: node client/generate-declaration-reference.ts)', () => {
  expect(readFileSync(new URL('../docs/declaration.md', import.meta.url), 'utf8')).toBe(declarationReference());
});

test('every field has a meaning', () => {
  const rows = declarationReference().match(/^\| `.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});
