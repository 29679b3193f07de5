import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { converged } from './testing/fleet.ts';
import { resized } from './testing/membership.ts';
import { all, brief, stopped, type Change } from './testing/situations.ts';

const leased =
  (...names: string[]): Change =>
  (facts) => {
    const lease = { holder: 'alice', because: 'a new disk', at: '2026-01-01T00:00:00Z' };
    facts.observation.records.leases = Object.fromEntries(names.map((name) => [name, lease]));
    return facts;
  };

describe('a node that somebody works on', () => {
  test('is left alone, and the plan says whose it is; its neighbours are cared for', () => {
    const facts = all(stopped('kubelet', 'worker-1', 'worker-2'), leased('worker-1'))(converged());
    const { waits } = decide(facts);
    expect(brief(decide(facts), facts)).toEqual(['start kubelet on worker-2']);
    expect(waits.map(({ because }) => because).join()).toMatch(
      /worker-1 is in the hands of alice.*a new disk.*resume --node/,
    );
    expect(
      waits.every(({ until }) => until === 'approval'),
      'nobody looks again every second',
    ).toBe(true);
  });

  test('with nothing to do there the cluster is as declared, and it is noted', () => {
    const { phase, waits, notes } = decide(leased('worker-1')(converged()));
    expect({ phase, waits }).toEqual({ phase: 'converged', waits: [] });
    expect(notes?.join()).toMatch(/worker-1 is in the hands of alice/);
  });

  test('as a control plane it takes the one slot: no member comes meanwhile', () => {
    const facts = resized({ from: 3, to: 5 });
    expect(brief(decide(facts), facts).join()).toContain('add-etcd-member');
    const held = leased('cp-1')(resized({ from: 3, to: 5 }));
    expect(brief(decide(held), held).join()).not.toContain('etcd-member');
  });
});
