import type { V1Pod } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { declaredNames } from '../declaration.ts';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { isReady, pod, running, sleeping, unschedulable, whyPending } from './pods.ts';

const hostname = 'kubernetes.io/hostname';

/** Checks that the others would feel: they run when those have ended, one at a time. */
export const disruptive: Check[] = [
  {
    what: 'a taint keeps pods away that do not tolerate it, and drives them out with NoExecute',
    run: async (place) => {
      const key = `check.example.com/${place.namespace}`;
      const tolerations = [{ key, operator: 'Exists' }];
      const briefly = [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 }];
      const node = await nodeWithoutDns(place);
      await Promise.all([
        running(place, 'intolerant', pod([sleeping()], { nodeName: node })),
        running(place, 'brief', pod([sleeping()], { nodeName: node, tolerations: briefly })),
        running(place, 'tolerant', pod([sleeping()], { nodeName: node, tolerations })),
      ]);
      const taint = (taints: object[] | null) => place.patch('Node', node, { spec: { taints } }, 'merge');
      const before = (await place.read('Node', node)).spec?.taints ?? null;
      await taint([...(before ?? []), { key, value: 'yes', effect: 'NoExecute' }]);
      try {
        for (const name of ['intolerant', 'brief'])
          await until(`${name} is gone`, () => place.gone('Pod', name), patience);
        expect(isReady(await place.read('Pod', 'tolerant'))).toBe(true);
        const nodeSelector = { [hostname]: node };
        await place.create('Pod', 'waits', { spec: pod([sleeping()], { nodeSelector }) });
        expect(whyPending(await unschedulable(place, 'waits'))).toContain('untolerated taint');
        await running(place, 'comes', pod([sleeping()], { nodeSelector, tolerations }));
      } finally {
        await taint(before);
      }
      await place.untilIs('Pod', 'waits', 'Ready', isReady);
    },
  },
  {
    what: 'a cordoned node takes nothing new and keeps what it has; drain empties it; uncordon opens it',
    run: async (place) => {
      const node = await nodeWithoutDns(place);
      await running(place, 'stays', pod([sleeping()], { nodeName: node }));
      const nodeSelector = { [hostname]: node };
      expect((await place.kubectl('cordon', node)).code).toBe(0);
      try {
        await place.create('Pod', 'waits', { spec: pod([sleeping()], { nodeSelector }) });
        expect(whyPending(await unschedulable(place, 'waits'))).toContain('unschedulable');
        expect(isReady(await place.read('Pod', 'stays'))).toBe(true);
        const flags = ['--ignore-daemonsets', '--force', '--delete-emptydir-data', '--timeout=120s'];
        const drained = await place.kubectl('drain', node, ...flags);
        expect(drained.code, drained.stderr).toBe(0);
        expect(await place.gone('Pod', 'stays')).toBe(true);
      } finally {
        await place.kubectl('uncordon', node);
      }
      await place.untilIs('Pod', 'waits', 'Ready', isReady);
    },
  },
];

/** A node where none of the two pods of CoreDNS is: nobody misses it. */
async function nodeWithoutDns(place: Place): Promise<string> {
  const path = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcoredns';
  const { items } = await place.api.json<{ items: V1Pod[] }>({ path });
  const taken = items.map(({ spec }) => spec?.nodeName);
  const free = declaredNames.toReversed().find((name) => !taken.includes(name));
  if (free === undefined) throw new Error('CoreDNS is on every node');
  return free;
}
