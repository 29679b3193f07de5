import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SavedPlan } from '../cluster/saved-plan.ts';
import { readPlan, writePlan } from './saved-plan-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'cke-plan-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'plan.json');
const saved: SavedPlan = {
  version: 1,
  cluster: 'prod',
  madeAt: '2026-01-01T00:00:00.000Z',
  revision: 4,
  declaration: 'name: prod\n',
  identity: { text: 'aa', steps: [{ title: 'run kubelet on w-1', fingerprint: '1' }], observed: { 'w-1': 'x' } },
};

test('what was written is read again', () => {
  writePlan(file, saved);
  expect(readPlan(file)).toEqual(saved);
});

describe('a file that is no plan is refused', () => {
  test.each([
    ['no JSON', 'name: prod', 'no JSON'],
    ['another form', '{"version":2}', 'plan.json is no plan'],
  ])('%s', (_case, text, because) => {
    writeFileSync(file, text);
    expect(() => readPlan(file)).toThrow(because === 'no JSON' ? 'is no plan' : because);
  });

  test('no such file', () => {
    expect(() => readPlan(join(directory, 'absent.json'))).toThrow('is no plan');
  });
});
