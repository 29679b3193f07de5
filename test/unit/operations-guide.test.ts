import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../../client/exit-codes.ts';
import { program } from '../../client/program.ts';

const root = new URL('../../', import.meta.url);
const guide = readFileSync(new URL('docs/operations.md', root), 'utf8');
const errors = readFileSync(new URL('cluster/errors.ts', root), 'utf8');
const codes = [...(/export type ErrorCode =([^;]+);/u.exec(errors)?.[1] ?? '').matchAll(/'(\w+)'/gu)].map(
  ([, code]) => code ?? '',
);

describe('an operator looks up an error code at 3 a.m.', () => {
  test('the list of codes is found in the source', () => {
    expect(codes.length).toBeGreaterThan(20);
  });

  test.each(codes)('%s has a section with a text', (code) => {
    expect(guide).toMatch(new RegExp(`\n### ${code}\n+[^#\n]{20}`, 'u'));
  });

  test('no section is for a code that does not exist any longer', () => {
    const section = guide.slice(guide.indexOf('\n## Error codes'), guide.indexOf("\n## The manager's own servers"));
    const described = [...section.matchAll(/\n### (\w+)/gu)].map(([, code]) => code);
    expect(new Set(described)).toEqual(new Set(codes));
  });
});

describe('what the guide says of cke-client', () => {
  const commands = new Map(program().commands.map((command) => [command.name(), command]));
  const told = [...guide.matchAll(/cke-client ((?:[a-z-]+))((?: [^\n|`,;&]*)?)/gu)];

  test('every command in it exists, with the long options that it shows', () => {
    for (const [line, name = '', rest = ''] of told) {
      const command = commands.get(name);
      expect(command, line).toBeDefined();
      const all = command === undefined ? [] : withBelow(command);
      const known = all.flatMap(({ options }) => options.flatMap(({ long }) => (long ? [long] : [])));
      for (const [option] of rest.matchAll(/--[a-z-]+/gu)) expect([...known, '--help'], line).toContain(option);
    }
    expect(told.length).toBeGreaterThan(20);
  });

  test('every exit code is explained', () => {
    for (const code of Object.values(exitCodes)) expect(guide).toMatch(new RegExp(`\n\\| ${code} +\\| \\S`, 'u'));
  });

  test('its links lead somewhere', () => {
    const anchors = [...guide.matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) => slug(title));
    for (const [, target = ''] of guide.matchAll(/\]\(#([^)]+)\)/gu)) expect(anchors).toContain(target);
  });

  test('the settings that it shows are YAML', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/u.exec(guide) ?? [];
    expect(Object.keys(parse(yaml))).toEqual(['temporal', 'etcd', 'vault', 'credentials_directory', 'metrics']);
  });
});

function withBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withBelow)];
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/gu, '')
    .replaceAll(' ', '-');
}
