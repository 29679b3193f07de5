import { describe, expect, test } from 'vitest';
import type { Declaration } from '../declaration/declaration.ts';
import type { Observation } from '../observation.ts';
import type { Facts } from './facts.ts';
import { forecast } from './forecast.ts';
import { converged, declare } from './testing/fleet.ts';

/** Nothing stands on the nodes yet. */
function empty(declaration: Declaration): Facts {
  const node = { state: 'observed', containers: {}, preflight: 'unknown', etcdDirectory: 'unknown' } as const;
  const observation: Observation = {
    at: '2026-01-01T00:00:00Z',
    nodes: Object.fromEntries(declaration.nodes.map(({ name }) => [name, node])),
    etcd: { state: 'unobservable', because: 'nothing listens there' },
    kubernetes: { state: 'unobservable', because: 'nothing listens there' },
    records: { etcd: { state: 'never' }, ownedAttributes: {}, cniConfigurations: {} },
  };
  return { declaration, observation, setAside: [] };
}

const titles = (facts: Facts) => forecast(facts).rounds.flatMap(({ steps }) => steps.map(({ title }) => title));

describe('what will follow?', () => {
  test('nothing, when all is as declared', () => {
    expect(forecast(converged())).toEqual({ rounds: [], ends: 'then the cluster is as declared' });
  });

  test('from bare machines to a cluster', () => {
    const facts = empty(declare());
    const { ends, rounds } = forecast(facts);
    expect(ends).toBe('then the cluster is as declared');
    const order = [
      'bootstrap etcd',
      'enable etcd authentication',
      'restart the etcd member',
      'run kube-apiserver',
      'run kubelet',
      'update attributes',
    ];
    const all = titles(facts);
    const at = order.map((start) => all.findIndex((title) => title.startsWith(start)));
    expect(at).not.toContain(-1);
    expect(at[0]).toBeLessThan(at[3] ?? 0);
    expect(rounds.length).toBeGreaterThan(4);
  });

  test('one API server after the other, each withdrawn before, up to the last kubelet', () => {
    const facts = converged();
    const wished = { ...facts.declaration, images: { ...facts.declaration.images } };
    for (const name of ['kube-apiserver', 'kubelet'] as const)
      wished.images[name] = `${wished.images[name].split(':')[0]}:v1.34.99`;
    wished.options = { ...wished.options, kubelet: { ...wished.options.kubelet, in_place_update: true } };
    const ahead = forecast({ ...facts, declaration: wished });
    const all = ahead.rounds.flatMap(({ steps }) => steps);
    expect(all.filter(({ title }) => title.startsWith('run kube-apiserver'))).toHaveLength(3);
    expect(all.find(({ title }) => title.startsWith('run kubelet'))?.risk).toBe('version-upgrade');
    expect(ahead.ends).toBe('then the cluster is as declared');
  });

  test('a node that can’t be seen is not guessed at', () => {
    const facts = empty(declare());
    facts.observation.nodes['worker-1'] = {
      state: 'unreachable',
      code: 'NodeUnreachable',
      because: 'worker-1 is silent',
    };
    expect(forecast(facts).ends).toBe('then it is held up: worker-1 is silent');
  });

  test('a large cluster is looked ahead for fewer rounds, and it says so', () => {
    const facts = empty(declare({ workers: 200 }));
    const [worker] = facts.declaration.nodes.slice(-1);
    if (worker === undefined) throw new Error('no worker');
    const unseen = Array.from({ length: 1_800 }, (_, index) => ({ ...worker, name: `unseen-${index}` }));
    facts.declaration.nodes.push(...unseen);
    expect(forecast(facts)).toMatchObject({ ends: 'it looks 2 rounds ahead, and more follow' });
    expect(forecast(facts).rounds.length).toBeLessThanOrEqual(2);
  });

  test('it looks ahead without changing what it was given', () => {
    const facts = empty(declare());
    const before = JSON.stringify(facts);
    forecast(facts);
    expect(JSON.stringify(facts)).toBe(before);
  });
});
