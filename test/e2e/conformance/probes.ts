import { expect } from 'vitest';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import { isReady, logOf, pod, running, shell, sleeping, statusOf, within } from './pods.ts';

const every = { periodSeconds: 1, failureThreshold: 1 };

export const probes: Check[] = [
  {
    what: 'a liveness probe that fails restarts the container',
    run: async (place) => {
      const livenessProbe = { exec: { command: ['test', '-e', '/tmp/alive'] }, ...every, initialDelaySeconds: 3 };
      const dying = shell('touch /tmp/alive; sleep 6; rm /tmp/alive; sleep 1000000', { livenessProbe });
      await place.create('Pod', 'dying', { spec: pod([dying]) });
      const made = await place.untilIs('Pod', 'dying', 'restarted', (now) => (statusOf(now)?.restartCount ?? 0) >= 1);
      expect(statusOf(made)?.lastState?.terminated?.exitCode).toBe(137);
    },
  },
  {
    what: 'a readiness probe over HTTP and one over TCP decide whether a pod is Ready, and restart nothing',
    run: async (place) => {
      const script = 'mkdir /tmp/www; httpd -p 8080 -h /tmp/www; sleep 1000000';
      const http = shell(script, { readinessProbe: { httpGet: { path: '/ready', port: 8080 }, ...every } });
      const tcp = sleeping({ name: 'tcp', readinessProbe: { tcpSocket: { port: 8080 }, ...every } });
      await place.create('Pod', 'web', { spec: pod([http, tcp]) });
      await place.untilIs('Pod', 'web', 'half ready', (made) => statusOf(made, 'tcp')?.ready === true);
      expect(statusOf(await place.read('Pod', 'web'))?.ready).toBe(false);
      await within(place, 'web', 'touch /tmp/www/ready');
      await place.untilIs('Pod', 'web', 'Ready', isReady);
      await within(place, 'web', 'rm /tmp/www/ready');
      const made = await place.untilIs('Pod', 'web', 'not Ready', (now) => !isReady(now));
      expect(statusOf(made)?.restartCount).toBe(0);
    },
  },
  {
    what: 'a startup probe holds the others back',
    run: async (place) => {
      const startupProbe = { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 100 };
      const livenessProbe = { exec: { command: ['test', '-e', '/tmp/up'] }, ...every };
      await place.create('Pod', 'slow', {
        spec: pod([shell('sleep 5; touch /tmp/up; sleep 1000000', { startupProbe, livenessProbe })]),
      });
      const started = await place.untilIs(
        'Pod',
        'slow',
        'runs',
        (made) => statusOf(made)?.state?.running !== undefined,
      );
      expect(isReady(started) && statusOf(started)?.started !== true).toBe(false);
      const made = await place.untilIs('Pod', 'slow', 'started', (now) => statusOf(now)?.started === true);
      expect(statusOf(made)?.restartCount).toBe(0);
    },
  },
  {
    what: 'postStart comes with the start, preStop before TERM, and a pod has its time to end',
    run: async (place) => {
      const lifecycle = {
        postStart: { exec: { command: ['sh', '-c', 'echo started >/proc/1/fd/1'] } },
        preStop: { exec: { command: ['sh', '-c', 'echo stopping >/proc/1/fd/1; sleep 1'] } },
      };
      const script = 'trap "echo got TERM; sleep 1; exit 0" TERM; while true; do sleep 0.2; done';
      const spec = pod([shell(script, { lifecycle })], { terminationGracePeriodSeconds: 60 });
      await running(place, 'polite', spec);
      const told = logOf(place, 'polite', 'follow=true');
      await until('postStart', async () => (await logOf(place, 'polite')).includes('started') || undefined, patience);
      await place.remove('Pod', 'polite');
      const { metadata } = await place.read('Pod', 'polite');
      expect(metadata?.deletionGracePeriodSeconds).toBe(60);
      expect(await told).toBe('started\nstopping\ngot TERM\n');
      await until('gone', () => place.gone('Pod', 'polite'), patience);
    },
  },
];
