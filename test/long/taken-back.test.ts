import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerIds } from '../e2e/containers.ts';
import { writeDeclaration } from '../e2e/declaration.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, untilConverged } from '../e2e/story.ts';

/** No registry has it. */
const mistyped = '1.34.99';

describe('a version that does not exist is declared', () => {
  const before: { containers: Record<string, string> } = { containers: {} };

  beforeAll(async () => {
    await standingCluster();
    before.containers = await containerIds();
  });
  afterAll(async () => {
    await apply(writeDeclaration());
  });

  test('its image is missing, and what serves goes on', async () => {
    const report = await apply(writeDeclaration((document) => document.set('kubernetes_version', mistyped)));
    expect(report.outcome).not.toBe('converged');
    expect(JSON.stringify(report)).toContain(mistyped);
    expect(await containerIds()).toEqual(before.containers);
  });

  test('nothing has run on it: the version before may be declared again', async () => {
    const { code, stderr } = await cke('apply', writeDeclaration(), '--yes');
    expect(code, stderr).toBe(0);
    await untilConverged(120);
    expect(await containerIds()).toEqual(before.containers);
  });
});
