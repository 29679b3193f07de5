import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { parseDeclaration } from '../cluster/declaration/parse.ts';
import { changesBetween } from './changes.ts';
import { checkLine } from './checks.ts';
import { choose } from './cluster-name.ts';
import { historyText } from './commands/history.ts';
import { kubeconfigText } from './commands/kubeconfig.ts';
import { lifetimeHours } from './options.ts';
import { plain } from './paint.ts';
import { reportText } from './report.ts';

describe('which cluster?', () => {
  test('the named one, or the only one', () => {
    expect(choose('a', ['a', 'b'])).toBe('a');
    expect(choose(undefined, ['a'])).toBe('a');
  });

  test.each<[string, string | undefined, string[], RegExp]>([
    ['several and none named', undefined, ['a', 'b'], /which cluster\? There are several/u],
    ['a mistyped name', 'prdo', ['prod', 'test'], /did you mean prod\?/u],
    ['none at all', undefined, [], /no cluster has been declared yet/u],
  ])('%s', (_, named, known, text) => {
    expect(() => choose(named, known)).toThrow(text);
  });
});

describe('how long is a kubeconfig valid?', () => {
  test.each([
    ['30m', 0.5],
    ['2h', 2],
    ['1h30m', 1.5],
    ['48h', 48],
  ])('%s', (text, hours) => {
    expect(lifetimeHours(text)).toBe(hours);
  });
  test.each(['49h', '48h1m', '0h', '', '2', '2 h', 'h'])('%j is refused', (text) => {
    expect(() => lifetimeHours(text)).toThrow();
  });
});

test('what changes between two declarations?', () => {
  const before = declarationOf('examples/demo.yaml');
  const [first, ...others] = before.nodes;
  const after = {
    ...before,
    kubernetes_version: '1.34.5',
    nodes: [...others, { ...first!, name: 'cp-9', labels: {} }],
  };
  const relabelled = {
    ...after,
    nodes: after.nodes.map((node) => (node.name === 'cp-2' ? { ...node, labels: { a: 'b' } } : node)),
  };
  expect(changesBetween(before, relabelled)).toEqual({
    removed: ['cp-1'],
    lines: [
      '- node cp-1',
      '+ node cp-9',
      '~ node cp-2.labels.a: nothing → "b"',
      '~ kubernetes_version: "1.34.4" → "1.34.5"',
    ],
  });
  expect(changesBetween(before, before)).toEqual({ removed: [], lines: [] });
});

test('what changes in a pool is told by its name', () => {
  const declaration = declarationOf('examples/demo.yaml');
  const settings = { extra_args: [], extra_binds: [], extra_env: {} };
  const pool = { name: 'gpu', labels: {}, taints: [], kubelet: settings, 'kube-proxy': settings };
  const before = { ...declaration, pools: [{ ...pool, name: 'cpu' }, pool] };
  const after = { ...declaration, pools: [{ ...pool, kubelet: { ...settings, extra_args: ['--v=4'] } }] };
  expect(changesBetween(before, after).lines).toEqual([
    expect.stringMatching(/^~ pools.cpu: \{.* → nothing$/),
    '~ pools.gpu.kubelet.extra_args: [] → ["--v=4"]',
  ]);
});

test('a kubeconfig is what kubectl reads', () => {
  const texts = { authority: 'CA', certificate: 'CERT', privateKey: 'KEY' };
  const text = kubeconfigText({ cluster: 'prod', server: 'https://10.0.0.11:6443', user: 'alice', ...texts });
  expect(parse(text)).toMatchObject({
    clusters: [{ name: 'prod', cluster: { server: 'https://10.0.0.11:6443', 'certificate-authority-data': 'Q0E=' } }],
    users: [{ user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    'current-context': 'alice@prod',
  });
});

const report = {
  outcome: 'failed' as const,
  rounds: 2,
  done: ['run rivers on cp-1: it is missing'],
  failed: [{ step: 'run kubelet on w-1', code: 'CrashLoop', message: 'it crashed 3 times' }],
  blockers: [],
  waits: [{ on: 'w-1', because: 'backing off' }],
  revision: 2,
  epoch: 5,
};

test('how did it end?', () => {
  expect(reportText(report)).toBe(
    [
      'failed: 1 step done, 1 step failed (revision 2)',
      'Done:',
      '  run rivers on cp-1: it is missing',
      'Failed:',
      '  run kubelet on w-1',
      '    it crashed 3 times (CrashLoop)',
      'Waiting for:',
      '  w-1: backing off',
    ].join('\n'),
  );
});

test('what was done, and why?', () => {
  const entry = { at: '2026-01-01T00:00:00Z', because: 'kubelet died on w-1', requestedBy: 'event', report };
  const look = { now: Date.parse('2026-01-01T00:02:00Z') };
  expect(historyText([entry], { ...look, detail: 'summary' })).toContain(
    '2 min ago  failed   2    event  kubelet died on w-1  run rivers on cp-1: it is missing',
  );
  const steps = historyText([entry], { ...look, detail: 'steps' });
  expect(steps).toContain('because kubelet died on w-1 (event)');
  expect(steps).toContain('✗ run kubelet on w-1: it crashed 3 times (CrashLoop)');
});

test('a bad check has its cure below', () => {
  const complaint = {
    code: 'VaultSealed' as const,
    message: 'Vault is sealed',
    fix: 'vault operator unseal',
    remedy: 'retry' as const,
  };
  expect(checkLine({ check: 'vault', state: 'bad', complaint }, plain)).toBe(
    'BAD  vault               Vault is sealed (VaultSealed)\n       fix    vault operator unseal',
  );
});

function declarationOf(file: string): Declaration {
  const parsing = parseDeclaration(readFileSync(new URL(`../${file}`, import.meta.url)));
  if (parsing.outcome !== 'accepted') throw new Error(`${file} is refused`);
  return parsing.declaration;
}
