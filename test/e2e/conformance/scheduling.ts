import { expect } from 'vitest';
import { declaredNames, workerNames } from '../declaration.ts';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { isReady, pod, running, sleeping, unschedulable, whyPending } from './pods.ts';
import type { PodSpec } from './pods.ts';

const [here = '', there = ''] = workerNames;
const hostname = 'kubernetes.io/hostname';

const nodeOf = async (place: Place, name: string, spec: Partial<PodSpec>, app = name): Promise<string> =>
  (await running(place, name, pod([sleeping()], spec), { app })).spec?.nodeName ?? '';

const beside = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: hostname });

const onNode = (...values: string[]) => ({ matchExpressions: [{ key: hostname, operator: 'In', values }] });

/** Gives a node two of something that only this check knows. */
async function withThings(place: Place, node: string, thing: string): Promise<void> {
  await place.api.json({
    method: 'PATCH',
    path: `/api/v1/nodes/${node}/status`,
    body: [{ op: 'add', path: `/status/capacity/${thing.replace('/', '~1')}`, value: '2' }],
    contentType: 'application/json-patch+json',
  });
  await place.untilIs('Node', node, 'has them', ({ status }) => status?.allocatable?.[thing] === '2');
}

const withoutThings = (place: Place, node: string, thing: string) =>
  place.api.ask({
    method: 'PATCH',
    path: `/api/v1/nodes/${node}/status`,
    body: { status: { capacity: { [thing]: null }, allocatable: { [thing]: null } } },
    contentType: 'application/merge-patch+json',
  });

export const scheduling: Check[] = [
  {
    what: 'a pod that no node can take waits, says why, and is taken when one can',
    run: async (place) => {
      const label = `check.example.com/${place.namespace}`;
      await place.create('Pod', 'picky', { spec: pod([sleeping()], { nodeSelector: { [label]: 'yes' } }) });
      expect(whyPending(await unschedulable(place, 'picky'))).toMatch(/node affinity\/selector/u);
      await place.patch('Node', there, { metadata: { labels: { [label]: 'yes' } } });
      try {
        const made = await place.untilIs('Pod', 'picky', 'Ready', isReady);
        expect(made.spec?.nodeName).toBe(there);
      } finally {
        await place.patch('Node', there, { metadata: { labels: { [label]: null } } });
      }
    },
  },
  {
    what: 'more memory than any node has is said to be too much',
    run: async (place) => {
      const resources = { requests: { memory: '900Gi' } };
      await place.create('Pod', 'huge', { spec: pod([sleeping({ resources })]) });
      expect(whyPending(await unschedulable(place, 'huge'))).toContain('Insufficient memory');
    },
  },
  {
    what: 'affinity to nodes: what is required and what is preferred',
    run: async (place) => {
      const required = { nodeSelectorTerms: [onNode(here, there)] };
      const preferred = [{ weight: 100, preference: onNode(there) }];
      const nodeAffinity = {
        requiredDuringSchedulingIgnoredDuringExecution: required,
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
      };
      expect(await nodeOf(place, 'fond', { affinity: { nodeAffinity } })).toBe(there);
    },
  },
  {
    what: 'affinity between pods brings them together, anti-affinity keeps them apart',
    run: async (place) => {
      const first = await nodeOf(place, 'first', {});
      const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [beside('first')] };
      const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [beside('first')] };
      const [close, away] = await Promise.all([
        nodeOf(place, 'close', { affinity: { podAffinity } }),
        nodeOf(place, 'away', { affinity: { podAntiAffinity } }),
      ]);
      expect(close).toBe(first);
      expect(away).not.toBe(first);
    },
  },
  {
    what: 'spread over the nodes: no node has two of them before every node has one',
    run: async (place) => {
      const spread = {
        maxSkew: 1,
        topologyKey: hostname,
        whenUnsatisfiable: 'DoNotSchedule',
        nodeTaintsPolicy: 'Ignore',
      };
      const topologySpreadConstraints = [{ ...spread, labelSelector: { matchLabels: { app: 'spread' } } }];
      const on: string[] = [];
      for (const name of ['a', 'b', 'c']) on.push(await nodeOf(place, name, { topologySpreadConstraints }, 'spread'));
      expect(new Set(on).size).toBe(3);
    },
  },
  {
    what: 'a scheduling gate holds a pod until it is taken away',
    run: async (place) => {
      await place.create('Pod', 'gated', {
        spec: pod([sleeping()], { schedulingGates: [{ name: 'example.com/wait' }] }),
      });
      const made = await unschedulable(place, 'gated');
      expect(made.status?.conditions?.[0]?.reason).toBe('SchedulingGated');
      await place.patch('Pod', 'gated', { spec: { schedulingGates: [] } }, 'merge');
      await place.untilIs('Pod', 'gated', 'Ready', isReady);
    },
  },
  {
    what: 'a pod of higher priority takes the place of a lower one',
    run: async (place) => {
      const thing = `example.com/${place.namespace}`;
      await place.create('PriorityClass', place.named('high'), { value: 1000 });
      await place.create('PriorityClass', place.named('low'), { value: -1000, preemptionPolicy: 'Never' });
      await withThings(place, here, thing);
      try {
        const both = { limits: { [thing]: '2' }, requests: { [thing]: '2' } };
        const wanting = pod([sleeping({ resources: both })]);
        await running(place, 'low', { ...wanting, priorityClassName: place.named('low') });
        await running(place, 'high', { ...wanting, priorityClassName: place.named('high') });
        await until('the other is gone', () => place.gone('Pod', 'low'), patience);
        await place.create('Pod', 'last', { spec: { ...wanting, priorityClassName: place.named('low') } });
        expect(whyPending(await unschedulable(place, 'last'))).toContain(`Insufficient ${thing}`);
      } finally {
        await withoutThings(place, here, thing);
      }
    },
  },
  {
    what: 'an unknown priority class is refused; a pod without tolerations tolerates a lost node for five minutes',
    run: async (place) => {
      const refused = await place.refusal('Pod', 'classy', {
        spec: pod([sleeping()], { priorityClassName: 'no-such' }),
      });
      expect(refused.message).toContain('no PriorityClass with name no-such');
      const { spec } = await place.create('Pod', 'plain', { spec: pod([sleeping()]) });
      const tolerated = (spec?.tolerations ?? []).map(({ key, tolerationSeconds }) => `${key} ${tolerationSeconds}`);
      expect(tolerated.sort()).toEqual(['node.kubernetes.io/not-ready 300', 'node.kubernetes.io/unreachable 300']);
    },
  },
  {
    what: 'every node renews its lease, and controller-manager and scheduler hold theirs',
    run: async (place) => {
      const lease = (namespace: string, name: string) =>
        place.api.json<{ spec: { renewTime: string; holderIdentity: string } }>({
          path: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`,
        });
      for (const name of declaredNames) {
        const { spec } = await lease('kube-node-lease', name);
        expect(spec.holderIdentity).toBe(name);
        const renewed = async () => (await lease('kube-node-lease', name)).spec.renewTime > spec.renewTime || undefined;
        await until(`${name} renews`, renewed, patience);
      }
      for (const name of ['kube-controller-manager', 'kube-scheduler'])
        expect((await lease('kube-system', name)).spec.holderIdentity).toMatch(/^cp-/u);
    },
  },
];
