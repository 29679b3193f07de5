import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { validateCommand } from './validate.ts';

const example = new URL('../../examples/demo.yaml', import.meta.url).pathname;

const validate = (...args: string[]) => validateCommand().parseAsync(args, { from: 'user' });

describe('cke-client validate', () => {
  let directory: string;
  let printed: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cke-validate-'));
    printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    process.exitCode = 0;
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
    process.exitCode = 0;
  });

  const written = (content: string) => {
    const file = join(directory, 'cluster.yaml');
    writeFileSync(file, content);
    return file;
  };

  test('says what a valid file declares, and what to do next', async () => {
    await validate(example);
    expect(printed).toContain('valid: cluster demo, 3 control planes, 2 workers, Kubernetes 1.34.4');
    expect(printed).toMatch(/Next: cke-client /);
    expect(process.exitCode).toBe(0);
  });

  test('prints every problem with line, field, got, want and fix, and exits with 1', async () => {
    const file = written('name: A_B\nservice_subnet: 10.96.0.0/16\nnodes: []\n');
    await validate(file);
    expect(printed).toContain(`${file}:1: /name: invalid-name\n  got    "A_B"\n  want   `);
    expect(printed).toContain(`${file}:3: /nodes: too-few`);
    expect(printed).toContain('refused, 2 problems');
    expect(process.exitCode).toBe(1);
  });

  test('prints data for programs', async () => {
    await validate(written('name: a\n'), '--output', 'json');
    expect(JSON.parse(printed)).toMatchObject({
      outcome: 'refused',
      problems: [{ code: 'required' }, { code: 'required' }],
    });
    expect(process.exitCode).toBe(1);
  });

  test('a file that is not there', async () => {
    await expect(validate(join(directory, 'none.yaml'))).rejects.toMatchObject({ name: 'DeclarationMissing' });
  });
});
