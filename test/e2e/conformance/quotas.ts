import { expect } from 'vitest';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import { pod, running, sleeping } from './pods.ts';

const small = sleeping({ resources: { requests: { memory: '16Mi' }, limits: { memory: '16Mi' } } });

export const quotas: Check[] = [
  {
    what: 'a ResourceQuota counts, refuses what is too much, and gives back what is deleted',
    run: async (place) => {
      await place.create('ResourceQuota', 'few', {
        spec: { hard: { 'count/configmaps': '3', pods: '1', 'requests.memory': '20Mi' } },
      });
      await place.untilIs(
        'ResourceQuota',
        'few',
        'counted',
        ({ status }) => status?.used?.['count/configmaps'] === '1',
      );
      await running(place, 'one', pod([small]));
      await place.untilIs(
        'ResourceQuota',
        'few',
        'counted',
        ({ status }) => status?.used?.['requests.memory'] === '16Mi',
      );
      expect((await place.refusal('Pod', 'two', { spec: pod([small]) })).message).toContain('exceeded quota: few');
      expect((await place.refusal('Pod', 'vague', { spec: pod([sleeping()]) })).message).toContain(
        'must specify requests.memory',
      );
      for (const name of ['a', 'b']) await place.create('ConfigMap', name, {});
      expect((await place.refusal('ConfigMap', 'c', {})).message).toContain('exceeded quota');
      await place.remove('ConfigMap', 'a');
      await place.untilIs(
        'ResourceQuota',
        'few',
        'given back',
        ({ status }) => status?.used?.['count/configmaps'] === '2',
      );
      await place.create('ConfigMap', 'c', {});
    },
  },
  {
    what: 'a quota of a scope counts only what is in it',
    run: async (place) => {
      await place.create('ResourceQuota', 'ending', { spec: { hard: { pods: '0' }, scopes: ['Terminating'] } });
      await place.untilIs('ResourceQuota', 'ending', 'counted', ({ status }) => status?.hard?.['pods'] === '0');
      const limited = pod([sleeping()], { activeDeadlineSeconds: 100 });
      expect((await place.refusal('Pod', 'limited', { spec: limited })).message).toContain('exceeded quota');
      await place.create('Pod', 'lasting', { spec: pod([sleeping()]) });
    },
  },
  {
    what: 'a LimitRange gives containers what they do not ask for, and refuses too much and too little',
    run: async (place) => {
      const limit = {
        type: 'Container',
        default: { memory: '32Mi' },
        defaultRequest: { memory: '8Mi' },
        max: { memory: '64Mi' },
      };
      await place.create('LimitRange', 'range', { spec: { limits: [{ ...limit, min: { memory: '4Mi' } }] } });
      const made = async () => {
        const { spec } = await place.create('Pod', `p-${Math.random().toString(36).slice(2, 7)}`, {
          spec: pod([sleeping()]),
        });
        return spec?.containers[0]?.resources?.limits?.['memory'] === '32Mi' ? spec : undefined;
      };
      const spec = await until('defaults', made, patience);
      expect(spec.containers[0]?.resources?.requests).toEqual({ memory: '8Mi' });
      const of = (memory: string) => ({
        spec: pod([sleeping({ resources: { limits: { memory }, requests: { memory } } })]),
      });
      expect((await place.refusal('Pod', 'much', of('65Mi'))).message).toContain(
        'maximum memory usage per Container is 64Mi',
      );
      expect((await place.refusal('Pod', 'little', of('1Mi'))).message).toContain(
        'minimum memory usage per Container is 4Mi',
      );
    },
  },
];
