import { expect } from 'vitest';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import { shell } from './pods.ts';

const batchPod = (script: string, extra = {}) => ({
  spec: { terminationGracePeriodSeconds: 0, restartPolicy: 'Never', containers: [shell(script)], ...extra },
});

export const jobs: Check[] = [
  {
    what: 'a Job runs to its completions, some side by side, and is complete',
    run: async (place) => {
      await place.create('Job', 'three', { spec: { completions: 3, parallelism: 2, template: batchPod('true') } });
      const { status } = await place.untilIs('Job', 'three', 'complete', ({ status: now }) =>
        (now?.conditions ?? []).some(({ type, status: is }) => type === 'Complete' && is === 'True'),
      );
      expect(status?.succeeded).toBe(3);
    },
  },
  {
    what: 'an indexed Job tells each pod its index',
    run: async (place) => {
      await place.create('Job', 'indexed', {
        spec: {
          completionMode: 'Indexed',
          completions: 2,
          parallelism: 2,
          template: batchPod('[ $JOB_COMPLETION_INDEX -lt 2 ]'),
        },
      });
      const { status } = await place.untilIs('Job', 'indexed', 'complete', ({ status: now }) => now?.succeeded === 2);
      expect(status?.completedIndexes).toBe('0,1');
    },
  },
  {
    what: 'a Job that fails too often has failed; a pod failure policy fails it at once; its time over, it goes',
    run: async (place) => {
      const failed = (name: string) =>
        place.untilIs('Job', name, 'failed', ({ status }) =>
          (status?.conditions ?? []).some(({ type, status: is }) => type === 'Failed' && is === 'True'),
        );
      const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
      await place.create('Job', 'hopeless', { spec: { podFailurePolicy: { rules }, template: batchPod('exit 42') } });
      const { status } = await failed('hopeless');
      expect([status?.failed, status?.conditions?.at(-1)?.reason]).toEqual([1, 'PodFailurePolicy']);
      await place.create('Job', 'limited', {
        spec: { backoffLimit: 0, ttlSecondsAfterFinished: 1, template: batchPod('exit 1') },
      });
      await until('the Job is gone', () => place.gone('Job', 'limited'), patience);
    },
  },
  {
    what: 'a suspended Job has no pods until it is resumed',
    run: async (place) => {
      await place.create('Job', 'later', { spec: { suspend: true, template: batchPod('true') } });
      await place.untilIs('Job', 'later', 'suspended', ({ status }) =>
        (status?.conditions ?? []).some(({ type }) => type === 'Suspended'),
      );
      expect(await place.list('Pod')).toEqual([]);
      await place.patch('Job', 'later', { spec: { suspend: false } });
      await place.untilIs('Job', 'later', 'complete', ({ status }) => status?.succeeded === 1);
    },
  },
  {
    what: 'a CronJob makes a Job when its minute comes, and none while it is suspended',
    run: async (place) => {
      const spec = { schedule: '* * * * *', jobTemplate: { spec: { template: batchPod('true') } } };
      await place.create('CronJob', 'never', { spec: { ...spec, suspend: true } });
      await place.create('CronJob', 'minutely', { spec: { ...spec, successfulJobsHistoryLimit: 1 } });
      await place.untilIs('CronJob', 'minutely', 'made a Job', ({ status }) => status?.lastScheduleTime !== undefined);
      const owners = (await place.list('Job')).map(({ metadata }) => metadata?.ownerReferences?.[0]?.name);
      expect([...new Set(owners)]).toEqual(['minutely']);
      await place.untilIs('CronJob', 'minutely', 'succeeded', ({ status }) => status?.lastSuccessfulTime !== undefined);
    },
  },
];
