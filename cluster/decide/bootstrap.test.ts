import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { declare, prepared, seen, untouched, converged } from './testing/fleet.ts';
import { aside, brief, unreachable } from './testing/situations.ts';

const planOf = (facts: Facts) => ({ ...decide(facts), brief: brief(decide(facts), facts) });

describe('a new cluster', () => {
  test('nobody has touched the machines: they are prepared, and nothing else is done', () => {
    expect(planOf(untouched()).brief).toEqual(['prepare-nodes cp-1 cp-2 cp-3 worker-1 worker-2 worker-3']);
  });

  test('all machines are prepared: the proxies come up beside the first start of etcd', () => {
    expect(planOf(prepared()).brief).toEqual([
      'run rivers on cp-1 cp-2 cp-3 worker-1 worker-2 worker-3',
      'run etcd-rivers on cp-1 cp-2 cp-3',
      'bootstrap-etcd cp-1 cp-2 cp-3',
    ]);
  });

  test('a control plane and a worker are off: the others get their proxies, etcd is not started without all control planes', () => {
    const plan = planOf(unreachable('cp-1', 'worker-1')(prepared()));
    expect(plan.brief).toEqual(['run rivers on cp-2 cp-3 worker-2 worker-3', 'run etcd-rivers on cp-2 cp-3']);
    expect(plan.blockers.map(({ gate, node }) => [gate, node])).toEqual([
      ['node-unreachable', 'cp-1'],
      ['node-unreachable', 'worker-1'],
      ['etcd-bootstrap', undefined],
    ]);
  });

  test('a worker is broken (its preflight fails): it holds up nothing but itself', () => {
    const facts = prepared();
    seen(facts, 'worker-2').preflight = ['swap is on'];
    const plan = planOf(aside('prepare-nodes', 'worker-2', undefined, 'PreflightFailed')(facts));
    expect(plan.brief).toContain('bootstrap-etcd cp-1 cp-2 cp-3');
    expect(plan.brief.join()).not.toContain('worker-2');
    expect(plan.blockers.map(({ code, node }) => [code, node])).toEqual([['PreflightFailed', 'worker-2']]);
  });

  test('one control plane is not prepared yet: etcd waits for it', () => {
    const facts = prepared();
    seen(facts, 'cp-3').preflight = 'unknown';
    const plan = planOf(facts);
    expect(plan.brief.join()).not.toContain('bootstrap-etcd');
    expect(plan.waits.map(({ on }) => on)).toContain('etcd on cp-3');
  });

  test('the first start was interrupted: it goes on', () => {
    const facts = prepared();
    const memberships = Object.fromEntries(
      ['cp-1', 'cp-2', 'cp-3'].map((name) => [name, { directory: 'm-1', state: 'first-start' as const }]),
    );
    facts.observation.records.etcd = { state: 'started', token: 't', memberships };
    const { steps } = decide(facts);
    expect(steps.at(-1)).toMatchObject({
      kind: 'bootstrap-etcd',
      targets: [{ because: 'its bootstrap was interrupted' }, {}, {}],
    });
  });

  test('a person has ordered a restore: it is an outage, and is done with the snapshot of the record', () => {
    const facts = prepared();
    const memberships = Object.fromEntries(
      ['cp-1', 'cp-2', 'cp-3'].map((name) => [name, { directory: 'm-2', state: 'first-start' as const }]),
    );
    const restore = { place: 'bastion:/a.db', digest: 'd', by: 'alice', at: '', before: { 'cp-1': 'm-1' } };
    facts.observation.records.etcd = { state: 'started', token: 't', memberships, restore };
    expect(decide(facts).steps.at(-1)).toMatchObject({
      kind: 'bootstrap-etcd',
      restore: 'bastion:/a.db',
      disruption: 'outage',
      targets: [{ because: 'alice has it begin anew with the data of a snapshot' }, {}, {}],
    });
  });

  test('the first start failed: this operation does not try again, and tells why', () => {
    const facts = prepared();
    facts.setAside.push({
      step: 'bootstrap-etcd',
      component: 'etcd',
      code: 'NotHealthy',
      because: 'cp-2 is not in sync',
    });
    const plan = planOf(facts);
    expect(plan.brief.join()).not.toContain('bootstrap-etcd');
    expect(plan.blockers.map(({ because }) => because)).toContain('cp-2 is not in sync');
  });

  test('only one control plane is declared: etcd starts on it', () => {
    expect(planOf(prepared(declare({ controlPlanes: 1, workers: 0 }))).brief).toContain('bootstrap-etcd cp-1');
  });
});

describe('etcd that stands there already', () => {
  test('the records are lost and etcd runs: no second cluster is founded over its data (W-04)', () => {
    const facts = converged();
    facts.observation.records.etcd = { state: 'never' };
    const plan = planOf(facts);
    expect(plan.brief.join()).not.toContain('etcd');
    expect(plan.blockers).toMatchObject([{ gate: 'W-04', code: 'QuorumAtRisk' }]);
  });

  test.each(['intact'] as const)('the records are lost and a data directory is %s: no first start', (state) => {
    const facts = prepared();
    seen(facts, 'cp-2').etcdDirectory = state;
    const plan = planOf(facts);
    expect(plan.brief.join()).not.toContain('bootstrap-etcd');
    expect(plan.blockers.map(({ gate }) => gate)).toContain('W-04');
  });

  test('control planes change in the middle of the first start: it stops and says which ones it began with', () => {
    const facts = prepared(declare({ controlPlanes: 5 }));
    const memberships = Object.fromEntries(
      ['cp-1', 'cp-2', 'cp-3'].map((name) => [name, { directory: 'm-1', state: 'first-start' as const }]),
    );
    facts.observation.records.etcd = { state: 'started', token: 't', memberships };
    const plan = planOf(facts);
    expect(plan.brief.join()).not.toContain('bootstrap-etcd');
    expect(plan.blockers.map(({ fix }) => fix)).toContain(
      'declare cp-1, cp-2, cp-3 as the control planes until etcd runs',
    );
  });
});
