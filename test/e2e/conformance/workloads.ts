import { expect } from 'vitest';
import { declaredNames } from '../declaration.ts';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { busybox, echoing, isReady, selecting, sleeping, template } from './pods.ts';

const colour = (value: string) => [echoing({ env: [{ name: 'COLOUR', value }] })];

const namesOf = async (place: Place, app: string): Promise<string[]> =>
  (await place.list('Pod', `app=${app}`)).map(({ metadata }) => metadata?.name ?? '').sort();

const rolledOut = (place: Place, name: string, replicas: number) =>
  place.untilIs(
    'Deployment',
    name,
    'rolled out',
    ({ metadata, status }) =>
      [status?.replicas, status?.updatedReplicas, status?.availableReplicas].every((count) => count === replicas) &&
      status?.observedGeneration === metadata?.generation,
  );

export const workloads: Check[] = [
  {
    what: 'a Deployment rolls a change out without falling below what must serve, and back again',
    run: async (place) => {
      const strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
      const spec = { replicas: 2, strategy, selector: selecting('web'), template: template('web', colour('red')) };
      await place.create('Deployment', 'web', { spec });
      await rolledOut(place, 'web', 2);
      const before = await place.list('ReplicaSet');
      for (const value of ['blue', 'red']) {
        await place.patch('Deployment', 'web', { spec: { template: { spec: { containers: colour(value) } } } });
        const least = await leastAvailable(place, 'web', 2);
        expect(least, 'available while it rolls').toBeGreaterThanOrEqual(2);
      }
      const sets = await place.list('ReplicaSet');
      expect(sets).toHaveLength(2);
      const again = sets.find(({ spec: is }) => is?.replicas === 2)?.metadata?.name;
      expect(again, 'the first ReplicaSet').toBe(before[0]?.metadata?.name);
    },
  },
  {
    what: 'a Deployment with Recreate has no old pod beside a new one; one that cannot go on says so',
    run: async (place) => {
      const strategy = { type: 'Recreate' };
      const spec = {
        progressDeadlineSeconds: 4,
        strategy,
        selector: selecting('web'),
        template: template('web', [sleeping()]),
      };
      await place.create('Deployment', 'web', { spec });
      await rolledOut(place, 'web', 1);
      const bad = [sleeping({ image: 'cke.lab/nothing:1', imagePullPolicy: 'Never' })];
      await place.patch('Deployment', 'web', { spec: { template: { spec: { containers: bad } } } });
      const made = await place.untilIs('Deployment', 'web', 'stuck', ({ status }) =>
        (status?.conditions ?? []).some(({ reason }) => reason === 'ProgressDeadlineExceeded'),
      );
      expect(made.status?.availableReplicas ?? 0).toBe(0);
      expect(await namesOf(place, 'web')).toHaveLength(1);
    },
  },
  {
    what: 'a Deployment is scaled by its scale, and paused it rolls nothing out',
    run: async (place) => {
      await place.create('Deployment', 'web', {
        spec: { replicas: 1, selector: selecting('web'), template: template('web', [sleeping()]) },
      });
      await place.api.json({
        method: 'PATCH',
        path: `/apis/apps/v1/namespaces/${place.namespace}/deployments/web/scale`,
        body: { spec: { replicas: 2 } },
        contentType: 'application/merge-patch+json',
      });
      await rolledOut(place, 'web', 2);
      const labels = { app: 'web', changed: 'yes' };
      await place.patch('Deployment', 'web', { spec: { paused: true, template: { metadata: { labels } } } });
      await place.untilIs(
        'Deployment',
        'web',
        'seen',
        ({ metadata, status }) => status?.observedGeneration === metadata?.generation,
      );
      expect(await place.list('ReplicaSet')).toHaveLength(1);
    },
  },
  {
    what: 'a ReplicaSet adopts a pod that matches, releases one that no longer does, and replaces one that goes',
    run: async (place) => {
      await place.create('Pod', 'first', {
        metadata: { labels: { app: 'set' } },
        spec: template('set', [sleeping()]).spec,
      });
      await place.create('ReplicaSet', 'set', {
        spec: { replicas: 1, selector: selecting('set'), template: template('set', [sleeping()]) },
      });
      await place.untilIs(
        'Pod',
        'first',
        'adopted',
        ({ metadata }) => metadata?.ownerReferences?.[0]?.kind === 'ReplicaSet',
      );
      await place.patch('Pod', 'first', { metadata: { labels: { app: 'free' } } });
      await place.untilIs('Pod', 'first', 'released', ({ metadata }) => metadata?.ownerReferences === undefined);
      await place.untilIs('ReplicaSet', 'set', 'another pod', ({ status }) => status?.readyReplicas === 1);
      expect(await namesOf(place, 'set')).toEqual([expect.stringMatching(/^set-/u)]);
    },
  },
  {
    what: 'a ReplicationController still does what it did',
    run: async (place) => {
      await place.create('ReplicationController', 'old', {
        spec: { replicas: 1, selector: { app: 'old' }, template: template('old', [sleeping()]) },
      });
      await place.untilIs('ReplicationController', 'old', 'ready', ({ status }) => status?.readyReplicas === 1);
    },
  },
  {
    what: 'a StatefulSet makes its pods in order, keeps their names, and updates the last ones first',
    run: async (place) => {
      await place.create('StatefulSet', 'db', {
        spec: { serviceName: 'db', replicas: 2, selector: selecting('db'), template: template('db', colour('red')) },
      });
      const ready = (count: number) =>
        place.untilIs('StatefulSet', 'db', `${count} ready`, ({ status }) => status?.readyReplicas === count);
      await ready(2);
      const [first, second] = await place.list('Pod', 'app=db');
      const started = (made: typeof first) => String(made?.metadata?.creationTimestamp);
      expect([first?.metadata?.name, second?.metadata?.name]).toEqual(['db-0', 'db-1']);
      expect(started(first) <= started(second)).toBe(true);
      await place.remove('Pod', 'db-1');
      const uid = second?.metadata?.uid;
      await until('db-1 again', async () => (await anew(place, 'db-1', uid)) || undefined, patience);
      const rollingUpdate = { partition: 1 };
      await place.patch('StatefulSet', 'db', {
        spec: { updateStrategy: { rollingUpdate }, template: { spec: { containers: colour('blue') } } },
      });
      const spec = async (name: string) => (await place.read('Pod', name)).spec?.containers[0]?.env?.[0]?.value;
      await until('the last one is updated', async () => (await spec('db-1')) === 'blue' || undefined, patience);
      expect(await spec('db-0')).toBe('red');
    },
  },
  {
    what: 'a DaemonSet has one pod on every node, or on those that it selects, and updates them',
    run: async (place) => {
      const tolerations = [{ operator: 'Exists' }];
      await place.create('DaemonSet', 'all', {
        spec: { selector: selecting('all'), template: template('all', [sleeping()], { tolerations }) },
      });
      const onNodes = async () => (await place.list('Pod', 'app=all')).map(({ spec }) => spec?.nodeName ?? '').sort();
      await place.untilIs(
        'DaemonSet',
        'all',
        'everywhere',
        ({ status }) => status?.numberReady === declaredNames.length,
      );
      expect(await onNodes()).toEqual([...declaredNames].sort());
      const nodeSelector = { 'kubernetes.io/hostname': declaredNames[4] };
      await place.patch('DaemonSet', 'all', { spec: { template: { spec: { nodeSelector } } } });
      await place.untilIs(
        'DaemonSet',
        'all',
        'on one node',
        ({ metadata, status }) =>
          status?.observedGeneration === metadata?.generation &&
          status?.desiredNumberScheduled === 1 &&
          status.updatedNumberScheduled === 1 &&
          status.numberReady === 1,
      );
      await until('the others are gone', async () => (await onNodes()).length === 1 || undefined, patience);
    },
  },
  {
    what: 'a PodDisruptionBudget refuses the eviction that would break it, and allows the next that does not',
    run: async (place) => {
      await place.create('Deployment', 'web', {
        spec: { replicas: 2, selector: selecting('web'), template: template('web', [sleeping()]) },
      });
      await place.create('PodDisruptionBudget', 'web', { spec: { minAvailable: 2, selector: selecting('web') } });
      await rolledOut(place, 'web', 2);
      await place.untilIs('PodDisruptionBudget', 'web', 'counted', ({ status }) => status?.currentHealthy === 2);
      const [name = ''] = await namesOf(place, 'web');
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: place.namespace } };
      const evict = () => place.post('Pod', name, 'eviction', eviction);
      await expect(evict()).rejects.toMatchObject({ status: 429 });
      await place.patch('PodDisruptionBudget', 'web', { spec: { minAvailable: 1 } });
      await place.untilIs('PodDisruptionBudget', 'web', 'allows', ({ status }) => status?.disruptionsAllowed === 1);
      await evict();
      await until('evicted', () => place.gone('Pod', name), patience);
      await rolledOut(place, 'web', 2);
    },
  },
  {
    what: 'kubectl rollout undo, scale and set image do what they say',
    run: async (place) => {
      const done = async (...args: string[]) => {
        const said = await place.kubectl(...args);
        expect(said.code, said.stderr).toBe(0);
        return said.stdout;
      };
      await done('create', 'deployment', 'web', `--image=${busybox}`, '--', 'sleep', '1000000');
      await done('rollout', 'status', 'deployment/web', '--timeout=120s');
      await done('set', 'env', 'deployment/web', 'COLOUR=blue');
      await done('rollout', 'undo', 'deployment/web');
      expect(await done('rollout', 'history', 'deployment/web')).toMatch(/^3\s/mu);
      await done('scale', 'deployment/web', '--replicas=0');
      await until('no pod', async () => (await namesOf(place, 'web')).length === 0 || undefined, patience);
    },
  },
];

/** The fewest pods that served at any look until the change was rolled out. */
async function leastAvailable(place: Place, name: string, replicas: number): Promise<number> {
  let least = replicas;
  await place.untilIs('Deployment', name, 'rolled out', ({ metadata, status }) => {
    least = Math.min(least, status?.availableReplicas ?? 0);
    return (
      status?.observedGeneration === metadata?.generation &&
      status?.updatedReplicas === replicas &&
      status?.replicas === replicas
    );
  });
  return least;
}

async function anew(place: Place, name: string, formerUid: string | undefined): Promise<boolean> {
  const made = await place.read('Pod', name);
  return made.metadata?.uid !== formerUid && isReady(made);
}
