import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDeclaration } from './parse.ts';
import { declarationSchema } from './schema.ts';
import { document } from './testing/minimal.ts';

const fieldNames = Object.keys(declarationSchema.shape);
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(null, '', '10.0.0.0/8', '::1/64', [[]], [{}], { etcd: null }),
);

test('whatever stands in whatever field, the answer is a list of problems or a declaration, never an exception', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fieldNames), values), (fields) => {
      const parsing = parseDeclaration(JSON.stringify(fields));
      if (parsing.outcome === 'refused') expect(parsing.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('a valid document with one piece cut out or doubled never makes it throw', () => {
  const text = document({
    x: 'options: {kubelet: {extra_args: [--v=2], config: &c {apiVersion: x}}}\nimages: {rivers: a:1}',
  });
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), fc.boolean(), (start, length, doubled) => {
      const piece = text.slice(start, start + length);
      const mutated = text.slice(0, start) + (doubled ? piece + piece : '') + text.slice(start + length);
      expect(['accepted', 'refused']).toContain(parseDeclaration(mutated).outcome);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['accepted', 'refused']).toContain(parseDeclaration(bytes).outcome);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test.each([
  ['words and dots', (n: number) => 'aaaaaaaa.'.repeat(n)],
  ['schemes', (n: number) => 'a://b'.repeat(n)],
  ['token beginnings', (n: number) => 'eyJaaaa-'.repeat(n)],
  ['PEM beginnings', (n: number) => '-----BEGIN '.repeat(n)],
  ['hyphens', (n: number) => '-'.repeat(n * 8)],
])('a text of 800 kB made of %s is judged within seconds', (_, text) => {
  const started = performance.now();
  parseDeclaration(document({ name: `name: '${text(70_000)}'`, x: `images: {rivers: '${text(10_000)}'}` }));
  expect(performance.now() - started).toBeLessThan(5000);
});
