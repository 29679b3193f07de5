import { expect, test } from 'vitest';
import { declare } from '../../decide/testing/fleet.ts';
import type { AppliedResource } from './applied.ts';
import { findingsOf, type LiveResource } from './findings.ts';

const at = '2026-01-01T00:10:00Z';
const key = '-/ConfigMap/default/a';
const applied: AppliedResource = { apiVersion: 'v1', namespace: 'default', revision: '7', fields: 'f' };
const refused = (ago: number, attempts = 1) => ({
  revision: '7',
  because: 'no',
  at: new Date(Date.parse(at) - ago * 1000).toISOString(),
  attempts,
});
const tried = (ago: number, attempts: number) => ({ at: refused(ago).at, attempts });
const certificate = (notAfter: string) =>
  ({ kind: 'webhook', serial: '1', notBefore: '2025-12-31T00:00:00Z', notAfter }) as const;

interface Situation {
  defined?: string;
  known?: AppliedResource;
  live?: LiveResource;
  unknown?: string;
}

function look({ defined, known, live, unknown }: Situation) {
  return findingsOf({
    declaration: declare(),
    at,
    defined: new Map(defined === undefined ? [] : [[key, defined]]),
    applied: new Map(known === undefined ? [] : [[key, known]]),
    live: new Map(live === undefined ? [] : [[key, live]]),
    unknown: new Map(unknown === undefined ? [] : [['/ConfigMap', unknown]]),
  });
}

test.each<[string, Situation, string | undefined]>([
  ['as it was applied', { defined: '7', known: applied, live: { fields: 'f' } }, undefined],
  ['never applied', { defined: '7' }, 'it is new'],
  ['an attempt whose end is not known', { defined: '7', known: { apiVersion: 'v1' } }, 'it is new'],
  ['a newer definition', { defined: '8', known: applied, live: { fields: 'f' } }, 'its definition changed'],
  ['somebody deleted it', { defined: '7', known: applied }, 'it is missing'],
  [
    'somebody changed a field of ours',
    { defined: '7', known: applied, live: { fields: 'x', lastWriter: 'kubectl-edit' } },
    'kubectl-edit changed fields that are ours',
  ],
  [
    'somebody changed it again, a moment after it was put back',
    { defined: '7', known: { ...applied, contested: tried(6, 2) }, live: { fields: 'x', lastWriter: 'kubectl-edit' } },
    undefined,
  ],
  [
    'somebody changed it a while after it was put back',
    { defined: '7', known: { ...applied, contested: tried(11, 2) }, live: { fields: 'x', lastWriter: 'kubectl-edit' } },
    'kubectl-edit changed fields that are ours',
  ],
  ['a Job that has done its work', { defined: '7', known: { ...applied, passing: true } }, undefined],
  ['its kind can’t be listed', { defined: '7', known: applied, unknown: '503' }, undefined],
  ['refused just now', { defined: '7', known: { apiVersion: 'v1', refused: refused(2) } }, undefined],
  ['refused a while ago', { defined: '7', known: { apiVersion: 'v1', refused: refused(6) } }, 'it is new'],
  ['refused often', { defined: '7', known: { apiVersion: 'v1', refused: refused(6, 5) } }, undefined],
  ['refused, and corrected', { defined: '8', known: { ...applied, refused: refused(1) } }, 'its definition changed'],
  [
    'webhooks that trust an older CA',
    { defined: '7', known: { ...applied, trusts: 'root-0' }, live: { fields: 'f' } },
    'its webhooks trust other CAs than they should',
  ],
  [
    'a certificate that ends',
    {
      defined: '7',
      known: { ...applied, certificate: certificate('2026-01-01T01:00:00Z') },
      live: { fields: 'f' },
    },
    'its webhook certificate expires at 2026-01-01T01:00:00Z',
  ],
  [
    'a certificate of another CA',
    {
      defined: '7',
      known: { ...applied, certificate: { ...certificate('2026-02-01T00:00:00Z'), issuer: 'root-0' } },
      live: { fields: 'f' },
    },
    'its certificate is of another CA than it should be',
  ],
])('why is an object applied? %s', (_, situation, because) => {
  const holds = because?.match(/certificate|webhooks/) ? { holds: 'kubernetes-webhook' } : {};
  expect(look(situation).outdated).toEqual(because === undefined ? [] : [{ key, because, ...holds }]);
});

test('what is refused is told, whether or not it is tried again', () => {
  const known = { apiVersion: 'v1', refused: refused(60) };
  expect(look({ defined: '7', known }).refused).toEqual([{ key, because: 'no' }]);
});

test.each<[string, AppliedResource, object[]]>([
  ['it is deleted', applied, [{ key, because: 'its definition was deleted', revision: '7', fate: 'delete' }]],
  [
    'it stays, for its annotation',
    { ...applied, kept: true },
    [{ key, because: 'its definition was deleted', revision: '7', fate: 'keep' }],
  ],
  ['the deletion was refused just now', { ...applied, refused: { because: 'no', at, attempts: 1 } }, []],
])('the definition is gone: %s', (_, known, unwanted) => {
  expect(look({ known }).unwanted).toEqual(unwanted);
});

test('who writes the same fields again and again is told of, with what to do', () => {
  const live = { fields: 'x', lastWriter: 'hpa' };
  expect(look({ defined: '7', known: { ...applied, contested: tried(6, 3) }, live }).refused).toEqual([
    {
      key,
      because:
        'hpa changed fields that are ours, 3 times within an hour: take them out of the definition if they are not to be put back',
    },
  ]);
  expect(look({ defined: '8', known: { ...applied, contested: tried(6, 3) }, live }).refused).toEqual([]);
});
