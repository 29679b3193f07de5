import { expect } from 'vitest';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import type { Kinds } from './kinds.ts';
import { patience } from './place.ts';
import { selecting, sleeping, template } from './pods.ts';

const blockedBy = (owner: Kinds['ConfigMap']) => ({
  ownerReferences: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: owner.metadata?.name ?? '',
      uid: owner.metadata?.uid ?? '',
      blockOwnerDeletion: true,
    },
  ],
});

export const lifetimes: Check[] = [
  {
    what: 'what is owned goes after its owner, before it, or stays, as the deletion says',
    run: async (place) => {
      const family = async (name: string) => {
        const owner = await place.create('ConfigMap', name, {});
        await place.create('ConfigMap', `${name}-child`, { metadata: blockedBy(owner) });
      };
      for (const name of ['background', 'foreground', 'orphan']) await family(name);
      await place.remove('ConfigMap', 'background', { propagationPolicy: 'Background' });
      expect(await place.gone('ConfigMap', 'background')).toBe(true);
      await until('the child goes', () => place.gone('ConfigMap', 'background-child'), patience);
      await place.patch('ConfigMap', 'foreground-child', { metadata: { finalizers: ['example.com/hold'] } });
      await place.remove('ConfigMap', 'foreground', { propagationPolicy: 'Foreground' });
      await place.untilIs(
        'ConfigMap',
        'foreground-child',
        'is to go',
        ({ metadata }) => metadata?.deletionTimestamp !== undefined,
      );
      expect((await place.read('ConfigMap', 'foreground')).metadata?.finalizers).toEqual(['foregroundDeletion']);
      await place.patch('ConfigMap', 'foreground-child', { metadata: { finalizers: null } });
      await until('the owner goes', () => place.gone('ConfigMap', 'foreground'), patience);
      await place.remove('ConfigMap', 'orphan', { propagationPolicy: 'Orphan' });
      await place.untilIs(
        'ConfigMap',
        'orphan-child',
        'free',
        ({ metadata }) => metadata?.ownerReferences === undefined,
      );
    },
  },
  {
    what: 'a namespace takes everything along that is in it',
    run: async (place) => {
      const name = place.named('full');
      await place.create('Namespace', name, {});
      const inside = (rest: string, body: object) => place.api.json({ method: 'POST', path: rest, body });
      await inside(`/api/v1/namespaces/${name}/configmaps`, { metadata: { name: 'a' } });
      const spec = { replicas: 1, selector: selecting('web'), template: template('web', [sleeping()]) };
      await inside(`/apis/apps/v1/namespaces/${name}/deployments`, { metadata: { name: 'web' }, spec });
      await place.remove('Namespace', name);
      await until('it has ended', () => place.gone('Namespace', name), patience);
      const { items } = await place.api.json<{ items: unknown[] }>({ path: `/api/v1/namespaces/${name}/pods` });
      expect(items).toEqual([]);
    },
  },
];
