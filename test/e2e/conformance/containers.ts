import { expect } from 'vitest';
import type { Check } from './check.ts';
import { ended, isReady, logOf, output, pod, running, shell, sleeping, statusOf, waitingFor } from './pods.ts';

export const containers: Check[] = [
  {
    what: 'a pod knows its name, node, addresses, account and limits from its variables',
    run: async (place) => {
      const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
      const env = [
        field('A', 'metadata.name'),
        field('B', 'metadata.namespace'),
        field('C', 'spec.nodeName'),
        field('D', 'status.podIP'),
        field('E', 'status.hostIP'),
        field('F', 'spec.serviceAccountName'),
        field('G', "metadata.labels['app']"),
        { name: 'H', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      ];
      const script = 'echo $A $B $C $D $E $F $G $H; sleep 1000000';
      const limited = shell(script, { env, resources: { limits: { memory: '32Mi' } } });
      const { spec, status } = await running(place, 'self', pod([limited]), { app: 'known' });
      const own = [spec?.nodeName, status?.podIP, status?.hostIP];
      expect((await logOf(place, 'self')).trim()).toBe(
        ['self', place.namespace, ...own, 'default', 'known', '32'].join(' '),
      );
    },
  },
  {
    what: 'command and args take the place of what the image says; workingDir is where it starts',
    run: async (place) => {
      expect(await output(place, 'pwd', { workingDir: '/tmp' })).toBe('/tmp');
      const command = ['echo', 'one'];
      const { log } = await ended(place, 'args', pod([shell('', { command, args: ['two', '$(three)'] })]));
      expect(log).toBe('one two $(three)\n');
    },
  },
  {
    what: 'logs: of the last lines, with times, and of the container before this one',
    run: async (place) => {
      const script = 'echo one; echo two; [ -e /disk/seen ] && sleep 1000000; touch /disk/seen; echo first; exit 1';
      const volumeMounts = [{ name: 'disk', mountPath: '/disk' }];
      const spec = pod([shell(script, { volumeMounts })], { volumes: [{ name: 'disk', emptyDir: {} }] });
      await place.create('Pod', 'talks', { spec });
      await place.untilIs('Pod', 'talks', 'runs again', (made) => statusOf(made)?.restartCount === 1 && isReady(made));
      expect(await logOf(place, 'talks')).toBe('one\ntwo\n');
      expect(await logOf(place, 'talks', 'previous=true&tailLines=1')).toBe('first\n');
      expect(await logOf(place, 'talks', 'timestamps=true&tailLines=1')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z two\n$/u);
      expect(await logOf(place, 'talks', 'limitBytes=3')).toBe('one');
    },
  },
  {
    what: 'exec hands on input, output, errors and the exit code',
    run: async (place) => {
      await running(place, 'shell', pod([sleeping()]));
      const { code, stdout, stderr } = await place.kubectl(
        'exec',
        'shell',
        '--',
        'sh',
        '-c',
        'echo out; echo err >&2; exit 7',
      );
      expect([code, stdout]).toEqual([7, 'out\n']);
      expect(stderr).toContain('err');
      const piped = await place.kubectl('exec', 'shell', '-i', '--', 'sh', '-c', 'read line; echo "read: $line"');
      expect(piped.stdout).toBe('read: \n');
    },
  },
  {
    what: 'a termination message is read from its file, or else from the log of what failed',
    run: async (place) => {
      const written = await ended(place, 'written', pod([shell('echo -n well >/dev/termination-log')]));
      expect(statusOf(written.pod)?.state?.terminated).toMatchObject({
        exitCode: 0,
        reason: 'Completed',
        message: 'well',
      });
      const failing = shell('echo why it failed; exit 3', { terminationMessagePolicy: 'FallbackToLogsOnError' });
      const failed = await ended(place, 'failed', pod([failing]));
      const wanted = { exitCode: 3, reason: 'Error', message: 'why it failed\n' };
      expect(statusOf(failed.pod)?.state?.terminated).toMatchObject(wanted);
    },
  },
  {
    what: 'restartPolicy: Never ends, OnFailure tries again until it succeeds, Always goes on',
    run: async (place) => {
      expect((await ended(place, 'never', pod([shell('exit 1')]))).pod.status?.phase).toBe('Failed');
      await place.create('Pod', 'always', { spec: pod([shell('true')], { restartPolicy: 'Always' }) });
      await place.untilIs('Pod', 'always', 'restarted', (made) => (statusOf(made)?.restartCount ?? 0) >= 1);
      await place.untilIs('Pod', 'always', 'backs off', (made) => waitingFor(made) === 'CrashLoopBackOff');
    },
  },
  {
    what: 'init containers run one after the other before the others; one that fails is tried again',
    run: async (place) => {
      const volumeMounts = [{ name: 'disk', mountPath: '/disk' }];
      const first = '[ -e /disk/tried ] && echo first >>/disk/log || { touch /disk/tried; exit 1; }';
      const initContainers = [
        shell(first, { name: 'first', volumeMounts }),
        shell('echo second >>/disk/log', { name: 'second', volumeMounts }),
      ];
      const main = shell('cat /disk/log', { volumeMounts });
      const rest = { initContainers, volumes: [{ name: 'disk', emptyDir: {} }], restartPolicy: 'OnFailure' };
      const { log, pod: made } = await ended(place, 'ordered', pod([main], rest));
      expect(log).toBe('first\nsecond\n');
      expect(made.status?.initContainerStatuses?.map(({ restartCount }) => restartCount)).toEqual([1, 0]);
    },
  },
  {
    what: 'an init container that fails for good fails the pod, and nothing else of it starts',
    run: async (place) => {
      const initContainers = [shell('exit 1', { name: 'first' })];
      await place.create('Pod', 'stuck', { spec: pod([sleeping()], { initContainers, restartPolicy: 'Never' }) });
      const made = await place.untilIs('Pod', 'stuck', 'failed', ({ status }) => status?.phase === 'Failed');
      expect(statusOf(made)?.state?.running).toBeUndefined();
      expect(statusOf(made)?.containerID ?? '').toBe('');
    },
  },
  {
    what: 'a sidecar runs before the others start and does not keep the pod from ending',
    run: async (place) => {
      const volumeMounts = [{ name: 'disk', mountPath: '/disk' }];
      const startupProbe = { exec: { command: ['test', '-e', '/disk/up'] }, periodSeconds: 1, failureThreshold: 60 };
      const serving = 'sleep 1; touch /disk/up; sleep 1000000';
      const sidecar = shell(serving, { name: 'sidecar', restartPolicy: 'Always', startupProbe, volumeMounts });
      const main = shell('ls /disk', { volumeMounts });
      const rest = { initContainers: [sidecar], volumes: [{ name: 'disk', emptyDir: {} }] };
      const { log, pod: made } = await ended(place, 'with', pod([main], rest));
      expect([log, made.status?.phase]).toEqual(['up\n', 'Succeeded']);
    },
  },
  {
    what: 'activeDeadlineSeconds ends a pod',
    run: async (place) => {
      await place.create('Pod', 'late', {
        spec: pod([sleeping()], { activeDeadlineSeconds: 2, restartPolicy: 'Never' }),
      });
      const made = await place.untilIs('Pod', 'late', 'failed', ({ status }) => status?.phase === 'Failed');
      expect(made.status?.reason).toBe('DeadlineExceeded');
    },
  },
  {
    what: 'an image that is not there is said to be so',
    run: async (place) => {
      const image = 'cke.lab/nothing:1';
      await place.create('Pod', 'none', { spec: pod([sleeping({ image, imagePullPolicy: 'Never' })]) });
      await place.untilIs('Pod', 'none', 'waits', (made) => waitingFor(made) === 'ErrImageNeverPull');
      await place.create('Pod', 'pulls', { spec: pod([sleeping({ image: 'registry.invalid/nothing:1' })]) });
      await place.untilIs('Pod', 'pulls', 'waits', (made) => /ErrImagePull|ImagePullBackOff/u.test(waitingFor(made)));
    },
  },
  {
    what: 'an ephemeral container joins a pod that runs',
    run: async (place) => {
      await running(place, 'plain', pod([sleeping()]));
      const debugging = {
        ...shell('echo looked; ls /proc | grep -c "^[0-9]"'),
        name: 'look',
        targetContainerName: 'main',
      };
      await place.api.json({
        method: 'PATCH',
        path: `/api/v1/namespaces/${place.namespace}/pods/plain/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [debugging] } },
        contentType: 'application/strategic-merge-patch+json',
      });
      await place.untilIs('Pod', 'plain', 'the ephemeral container has ended', ({ status }) =>
        Boolean(status?.ephemeralContainerStatuses?.[0]?.state?.terminated),
      );
      expect(await logOf(place, 'plain', 'container=look')).toMatch(/^looked\n/u);
    },
  },
];
