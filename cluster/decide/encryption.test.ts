import { describe, expect, test } from 'vitest';
import type { ApprovalFacts } from '../approval.ts';
import { canonicalJson } from '../canonical.ts';
import { componentSpec } from '../components/component-spec.ts';
import { nodeNamed } from '../declaration/nodes.ts';
import { excludedNodes } from '../encryption/exclusion.ts';
import { ciphersOf, type EncryptionRecord, type KeyChangeStage } from '../encryption/key-change.ts';
import { allServeWith } from '../encryption/serving.ts';
import { subjectText } from '../approval.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { converged } from './testing/fleet.ts';
import { brief, endpoints, unhealthy, unreachable } from './testing/situations.ts';

const masters = ['cp-1', 'cp-2', 'cp-3'];

const at = (stage?: KeyChangeStage): EncryptionRecord => ({
  generation: 2,
  settled: ['secretbox key-1'],
  ...(stage && { change: { stage, to: 'secretbox key-2', by: 'ann', since: '2026-01-01T00:00:00Z' } }),
});

/** A cluster whose record is at a stage, and whose API servers are as those of `given` ask for. */
function cluster(record: EncryptionRecord, given: EncryptionRecord[] = [record, record, record]): Facts {
  const facts = converged();
  facts.observation.records.encryption = record;
  masters.forEach((name, index) => serve(facts, name, given[index] ?? record));
  return facts;
}

function serve({ declaration, observation }: Facts, name: string, record: EncryptionRecord): void {
  const [seen, node] = [observation.nodes[name], nodeNamed(declaration, name)];
  const container = seen?.state === 'observed' ? seen.containers['kube-apiserver'] : undefined;
  if (container === undefined || node === undefined) throw new Error(name);
  const ciphers = ciphersOf(record);
  container.spec = canonicalJson(componentSpec({ declaration, node, component: 'kube-apiserver', ciphers }));
}

const approved: ApprovalFacts = {
  revision: 1,
  fingerprintOf: subjectText,
  stateOf: () => ({ state: 'approved' }),
};

function serving({ declaration, observation }: Facts, without: string[] = []) {
  const record = observation.records.encryption;
  if (record === undefined) throw new Error('no record');
  return allServeWith({ declaration, observation, ciphers: ciphersOf(record), without });
}

describe('reconcile follows the record', () => {
  test('nothing is under way: nothing to do', () => {
    expect(decide(cluster(at()))).toMatchObject({ steps: [], blockers: [], waits: [] });
  });

  test('a new key is added: one API server is withdrawn, then replaced, and the step says why', () => {
    const facts = cluster(at('adding'), [at(), at(), at()]);
    expect(brief(decide(facts), facts)).toEqual(['endpoints ready cp-2 cp-3 | not ready cp-1']);
    const withdrawn = endpoints(['cp-2', 'cp-3'], ['cp-1'], ['cp-1'])(facts);
    expect(brief(decide(withdrawn), withdrawn)).toEqual(['run kube-apiserver on cp-1 (restart)']);
    expect(JSON.stringify(decide(withdrawn).steps)).toContain('secretbox key-1,secretbox key-2,identity');
  });

  test('leading and rewriting want the same: no API server is replaced between them', () => {
    expect(decide(cluster(at('rewriting'), [at('leading'), at('leading'), at('leading')])).steps).toEqual([]);
  });

  test.each<[declared: 'aescbc' | 'none' | 'secretbox' | undefined, said: string[]]>([
    [undefined, []],
    ['secretbox', []],
    ['aescbc', ['Secrets are still written with secretbox, and aescbc is declared']],
    ['none', ['Secrets are still written with secretbox, and none is declared']],
  ])('%s is declared: is a person told what to do?', (declared, said) => {
    const facts = cluster(at());
    if (declared !== undefined)
      facts.declaration = { ...facts.declaration, secrets_encryption: { provider: declared } };
    const { blockers } = decide(facts);
    expect(blockers.map(({ because }) => because)).toEqual(said);
    for (const { fix } of blockers) expect(fix).toBe('cke-client secrets rotate-key');
  });

  test('62: encryption is declared away while Secrets are encrypted: do API servers keep the key until the procedure ends?', () => {
    const facts = cluster(at());
    facts.declaration = { ...facts.declaration, secrets_encryption: { provider: 'none' } };
    const { steps, blockers } = decide(facts);
    expect(steps).toEqual([]);
    expect(blockers.map(({ gate, fix }) => [gate, fix])).toEqual([
      ['secrets-encryption', 'cke-client secrets rotate-key'],
    ]);
  });
});

describe('a stage is complete', () => {
  test('when all API servers have its keys', () => {
    expect(serving(cluster(at('leading')))).toEqual({ state: 'complete' });
  });

  test.each<[question: string, facts: () => Facts, because: string]>([
    [
      'one has those of the stage before',
      () => cluster(at('leading'), [at('leading'), at('adding'), at('leading')]),
      'the API server on cp-2 is replaced',
    ],
    [
      'one does not serve',
      () => unhealthy('kube-apiserver', 'cp-3')(cluster(at('leading'))),
      'the API server on cp-3 does not serve yet',
    ],
    ['one can’t be observed', () => unreachable('cp-2')(cluster(at('leading'))), "cp-2 can't be observed"],
  ])('not when %s', (_, facts, because) => {
    expect(serving(facts())).toEqual({ state: 'open', because });
  });

  test('a worker that is off holds nothing up', () => {
    expect(serving(unreachable('worker-2')(cluster(at('leading'))))).toEqual({ state: 'complete' });
  });
});

describe('a control plane is off while the key is changed', () => {
  const off = (stage: KeyChangeStage, before: KeyChangeStage) =>
    unreachable('cp-2')(
      endpoints(['cp-1', 'cp-3'], ['cp-2'])(cluster(at(stage), [at(before), at(before), at(before)])),
    );

  test('no API server is stopped, and a person is asked, by the node’s name', () => {
    const { steps, pending = [] } = decide(off('leading', 'adding'));
    expect(steps).toEqual([]);
    expect(pending.map(({ kind, target, from, to, risk }) => [kind, target, from, to, risk])).toEqual([
      ['change-encryption-key-without', 'cp-2', 'secretbox key-1', 'secretbox key-2', 'outage'],
    ]);
  });

  test('allowed: the others go on', () => {
    const facts = { ...off('leading', 'adding'), approvals: approved };
    expect(decide(facts).pending).toBeUndefined();
    expect(brief(decide(facts), facts)).toEqual(['endpoints ready cp-3 | not ready cp-1 cp-2']);
    expect(excludedNodes({ ...facts, approvals: approved })).toEqual(['cp-2']);
  });

  test('the old key is not dropped without it, whatever was allowed', () => {
    const facts = off('rewriting', 'leading');
    expect(excludedNodes({ ...facts, approvals: approved })).toEqual([]);
    expect(decide(facts).pending).toBeUndefined();
    expect(serving(facts)).toEqual({ state: 'open', because: "cp-2 can't be observed" });
  });
});
