import { describe, expect, test } from 'vitest';
import { accepted, document, nodes } from '../declaration/testing/minimal.ts';
import type { ClusterView, ComponentView } from '../view.ts';
import { changesFrozenFields, judgeFrozenFields } from './frozen-kubelet.ts';

const kind = 'apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration';
const config = (fields: string) => `config: {${kind}, ${fields}}`;

interface Wish {
  /** `options.kubelet`. */
  options?: string;
  /** `kubelet` of the pool gpu, which w-2 is in. */
  pool?: string;
  /** The pool of w-2. */
  of?: string;
  /** Workers w-1, w-2, … */
  workers?: number;
}

/** A control plane, w-1 without a pool and w-2 in a pool. */
function declared({ options = '', pool = '', of = 'gpu', workers = 2 }: Wish = {}) {
  const worker = (n: number) => `address: 10.0.0.2${n}, hostname: w-${n}, user: cke${n === 2 ? `, pool: ${of}` : ''}`;
  const all = Array.from({ length: workers }, (_, index) => worker(index + 1));
  return accepted(
    document({
      ...nodes('address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true', ...all),
      options: `options: {kubelet: {${options}}}`,
      pools: `pools: [{name: other}, {name: gpu, kubelet: {${pool}}}]`,
    }),
  );
}

/** Kubelets as they are seen: they run, but for those named. */
function seen(others: Record<string, Partial<ComponentView>> = {}): Pick<ClusterView, 'nodes'> {
  const names = ['cp-1', 'w-1', 'w-2', 'w-3', 'w-4'];
  const view = (name: string): ClusterView['nodes'][number] => ({
    name,
    address: name,
    role: 'worker',
    reachable: 'yes',
    ready: 'true',
    components: [{ component: 'kubelet', state: 'running', upSeconds: 3600, health: 'healthy', ...others[name] }],
  });
  return { nodes: names.map(view) };
}

const judged = (from: Wish, to: Wish, view = seen()) =>
  judgeFrozenFields({ accepted: declared(from), wished: declared(to), view }).map(
    ({ code, path, got, want, hint }) => `${code} ${path}: ${got}, want ${want}; ${hint}`,
  );

describe('another value of a frozen field under running kubelets', () => {
  test.each([
    ['kubeletCgroups', '/a', 'nothing'],
    ['systemCgroups', '/a', 'nothing'],
    ['cgroupRoot', '/a', 'nothing'],
    ['cgroupsPerQOS', 'false', 'true'],
    ['cgroupDriver', 'systemd', 'the container runtime’s'],
    ['cpuManagerPolicy', 'static', 'none'],
    ['topologyManagerPolicy', 'best-effort', 'none'],
    ['qosReserved', '{memory: 50%}', 'nothing'],
    ['systemReservedCgroup', '/a', 'nothing'],
    ['kubeReservedCgroup', '/a', 'nothing'],
  ])('%s is refused with path, both values and nodes', (field, value, before) => {
    const [problem, ...more] = judged({}, { options: config(`${field}: ${value}`) });
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^frozen-field /options/kubelet/config/${field}: `));
    expect(problem).toContain(`${field} ${before} → `);
    expect(problem).toContain('cp-1, w-1, w-2');
    expect(problem).toMatch(/drain the node.*take the node out/);
  });

  test.each<[question: string, from: Wish, to: Wish, path: string, on: RegExp]>([
    [
      'in a pool: its nodes only',
      { pool: config('cpuManagerPolicy: none') },
      { pool: config('cpuManagerPolicy: static') },
      '/pools/1/kubelet/config/cpuManagerPolicy',
      /none → static under the running kubelet of w-2,/,
    ],
    [
      'the pool says it no more',
      { pool: config('cgroupDriver: systemd') },
      { pool: '' },
      '/pools/1/kubelet/config/cgroupDriver',
      /systemd → the container/,
    ],
    [
      'a node moves into a pool that has another',
      { pool: config('cpuManagerPolicy: static'), of: 'other' },
      { pool: config('cpuManagerPolicy: static') },
      '/nodes/2/pool',
      /none → static under the running kubelet of w-2,/,
    ],
    [
      'by a flag',
      {},
      { options: 'extra_args: [--cpu-manager-policy=static]' },
      '/options/kubelet/extra_args',
      /none → static/,
    ],
    [
      'many nodes are one problem',
      { workers: 4 },
      { workers: 4, options: config('cgroupRoot: /a') },
      '/options/kubelet/config/cgroupRoot',
      /of cp-1, w-1, w-2 and 2 more/,
    ],
  ])('%s', (_, from, to, path, on) => {
    const problems = judged(from, to);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`frozen-field ${path}: `);
    expect(problems[0]).toMatch(on);
  });
});

describe('accepted', () => {
  test.each<[question: string, from: Wish, to: Wish]>([
    ['another field', {}, { options: config('maxPods: 42') }],
    [
      'the default is written down',
      {},
      { options: config("cpuManagerPolicy: none, cgroupsPerQOS: true, cgroupRoot: ''") },
    ],
    ['a new node has another value from the beginning', { workers: 1 }, { pool: config('cpuManagerPolicy: static') }],
    [
      'the same value moves from the options into the pool',
      { options: config('cgroupDriver: systemd') },
      { options: config('cgroupDriver: systemd'), pool: config('cgroupDriver: systemd') },
    ],
    [
      'the same value as a flag',
      { options: config('cgroupsPerQOS: false') },
      { options: 'extra_args: [--cgroups-per-qos=false]' },
    ],
  ])('%s', (_, from, to) => {
    expect(judged(from, to)).toEqual([]);
    expect(changesFrozenFields({ accepted: declared(from), wished: declared(to) })).toBe(false);
  });
});

describe('it depends on what kubelet does on the node', () => {
  const unhealthy = 'unhealthy: it is starting';
  test.each<[question: string, kubelet: Partial<ComponentView>, refused: boolean]>([
    ['it was never started', { state: 'absent' }, false],
    ['it was stopped', { state: 'exited' }, false],
    ['it dies again and again', { state: 'restarting', restarts: 1 }, false],
    ['the same, between two deaths', { state: 'running', restarts: 3, health: unhealthy }, false],
    ['it has died before, and is well', { state: 'running', restarts: 3 }, true],
    ['it starts', { state: 'running', health: unhealthy }, true],
    ['it can’t be seen', { state: 'unknown' }, true],
    ['it is paused, with its process', { state: 'paused' }, true],
  ])('%s', (_, kubelet, refused) => {
    const problems = judged({}, { pool: config('cpuManagerPolicy: static') }, seen({ 'w-2': kubelet }));
    expect(problems).toHaveLength(refused ? 1 : 0);
  });

  test('a node that was not looked at can’t be seen', () => {
    expect(judged({}, { pool: config('cpuManagerPolicy: static') }, { nodes: [] })).toHaveLength(1);
  });
});
