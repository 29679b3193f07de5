import { describe, expect, test } from 'vitest';
import type { Declaration } from '../declaration/declaration.ts';
import type { Pool } from '../declaration/pools.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { forecast } from './forecast.ts';
import { steps } from './testing/decided.ts';
import { converged, declare, declareInstead, seen } from './testing/fleet.ts';
import { all, aside, dying, outdated, starting, stopped } from './testing/situations.ts';

const nothing = { extra_args: [], extra_binds: [], extra_env: {} };
const pool = (name: string, kubelet: Partial<Pool['kubelet']> = {}, proxy: Partial<Pool['kube-proxy']> = {}): Pool => ({
  name,
  labels: {},
  taints: [],
  kubelet: { ...nothing, ...kubelet },
  'kube-proxy': { ...nothing, ...proxy },
});

/** Three control planes without a pool, worker-1 to worker-3 in gpu, worker-4 and worker-5 in cpu. */
function pooled({ pools = [pool('gpu'), pool('cpu')], atOnce = 5 } = {}): Declaration {
  const declaration = declare({ workers: 5 });
  const members = new Map([1, 2, 3, 4, 5].map((n) => [`worker-${n}`, n <= 3 ? 'gpu' : 'cpu']));
  const nodes = declaration.nodes.map((node) => {
    const name = members.get(node.name);
    return name === undefined ? node : { ...node, pool: name };
  });
  const update_strategy = { ...declaration.update_strategy, max_concurrent_updates: atOnce };
  return { ...declaration, nodes, pools, update_strategy };
}

const verbose = { extra_args: ['--v=4'] };
const everyone = ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'];

describe('a setting of one pool changes', () => {
  test('kubelets of its nodes differ, one of them goes first, and no other node is touched', () => {
    const facts = declareInstead(converged(pooled()), pooled({ pools: [pool('gpu', verbose), pool('cpu')] }));
    expect(steps(facts)).toEqual(['run kubelet on worker-1 (restart)']);
    expect(JSON.stringify(decide(facts).steps)).toContain('--v=4');
    const ahead = forecast(facts);
    expect(ahead.ends).toBe('then the cluster is as declared');
    expect(ahead.rounds.flatMap((round) => round.steps.map(({ title }) => title)).join('\n')).not.toMatch(
      /cp-|worker-4|worker-5/,
    );
  });

  test('kube-proxy of its nodes likewise', () => {
    const facts = declareInstead(converged(pooled()), pooled({ pools: [pool('gpu'), pool('cpu', {}, verbose)] }));
    expect(steps(facts)).toEqual(['run kube-proxy on worker-4 (restart)']);
  });

  test('a node moves into another pool: it alone', () => {
    const pools = [pool('gpu', verbose), pool('cpu')];
    const before = pooled({ pools });
    const nodes = before.nodes.map((node) => (node.name === 'worker-5' ? { ...node, pool: 'gpu' } : node));
    expect(steps(declareInstead(converged(before), { ...before, nodes }))).toEqual([
      'run kubelet on worker-5 (restart)',
    ]);
  });
});

test('a node moves into a new pool while its kubelet is stopped: it starts with the settings of the pool', () => {
  const before = pooled({ pools: [pool('gpu'), pool('cpu'), pool('static', verbose)] });
  const nodes = before.nodes.map((node) => (node.name === 'worker-5' ? { ...node, pool: 'static' } : node));
  const facts = stopped('kubelet', 'worker-5')(converged(before));
  expect(steps(declareInstead(facts, { ...before, nodes }))).toEqual(['run kubelet on worker-5']);
});

describe('all kubelets change, those of pools with settings of their own', () => {
  const different = (atOnce?: number): Declaration =>
    pooled({ pools: [pool('gpu', verbose), pool('cpu', { extra_env: { A: 'b' } })], ...(atOnce && { atOnce }) });
  const renewed = (atOnce?: number): Facts => outdated('kubelet', ...everyone)(converged(different(atOnce)));

  test('one of each pool goes first', () => {
    expect(steps(renewed())).toEqual([
      'run kubelet on cp-1 (restart)',
      'run kubelet on worker-1 (restart)',
      'run kubelet on worker-4 (restart)',
    ]);
  });

  test('no more at once than max_concurrent_updates, all pools together', () => {
    expect(steps(renewed(2))).toEqual(['run kubelet on cp-1 (restart)', 'run kubelet on worker-1 (restart)']);
  });

  test('one that is down in another pool takes its share', () => {
    const facts = dying('kubelet', 'worker-4')(outdated('kubelet', 'worker-2', 'worker-3')(converged(different(2))));
    expect(steps(facts)).toEqual(['run kubelet on worker-2 (restart)']);
  });

  test('what has proven itself elsewhere is not proven in a pool', () => {
    const facts = outdated('kubelet', 'worker-1', 'worker-2', 'worker-3')(converged(different()));
    expect(steps(facts)).toEqual(['run kubelet on worker-1 (restart)']);
  });

  test('a pool whose first one starts waits for it, and the others go on', () => {
    const facts = all(
      outdated('kubelet', 'worker-2', 'worker-3', 'worker-4', 'worker-5'),
      starting('kubelet', 'worker-1'),
    )(converged(different()));
    expect(steps(facts)).toEqual(['run kubelet on worker-4 (restart)']);
  });

  test('a pool whose first one failed keeps what it has, and the others go on', () => {
    const facts = all(
      outdated('kubelet', ...everyone.slice(3)),
      aside('run-component', 'worker-1', 'kubelet', 'NotHealthy'),
    )(converged(different()));
    expect(steps(facts)).toEqual(['run kubelet on worker-4 (restart)']);
  });

  test('pools that have only labels of their own share one canary', () => {
    const facts = outdated('kubelet', ...everyone)(converged(pooled()));
    expect(steps(facts)).toEqual(['run kubelet on cp-1 (restart)']);
  });
});

test('in_place_update is the pool’s: running kubelets of its nodes keep what they have', () => {
  const declaration = pooled({ pools: [pool('gpu', { in_place_update: false }), pool('cpu')] });
  const facts = outdated('kubelet', 'worker-1', 'worker-4')(converged(declaration));
  expect(steps(facts)).toEqual(['run kubelet on worker-4 (restart)']);
});

test.each([
  [true, ['drain-node worker-1 (drain)']],
  [false, []],
])('an upgrade drains a node whose kubelet is updated in place: %s', (in_place_update, expected) => {
  const declaration = pooled({ pools: [pool('gpu', { in_place_update }), pool('cpu')] });
  const update_strategy = { ...declaration.update_strategy, max_concurrent_drains: 1 };
  const images = { ...declaration.images, kubelet: declaration.images.kubelet.replace(/:v.*/, ':v1.34.99') };
  const facts = converged({ ...declaration, images, update_strategy });
  facts.observation.nodes['worker-1'] = seen(converged(declaration), 'worker-1');
  expect(steps(facts)).toEqual(expected);
});
