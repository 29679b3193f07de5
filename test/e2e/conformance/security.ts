import { expect } from 'vitest';
import type { Check } from './check.ts';
import { ended, output, pod, shell, sleeping, statusOf, waitingFor } from './pods.ts';

const memoryLimit = 'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
const cpuLimit = 'cut -d" " -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us';

export const security: Check[] = [
  {
    what: 'runAsUser, runAsGroup, supplementalGroups and fsGroup are who a process is',
    run: async (place) => {
      const securityContext = { runAsUser: 1234, runAsGroup: 2345, fsGroup: 3456, supplementalGroups: [4567] };
      const volumes = [{ name: 'disk', emptyDir: {} }];
      const script = 'id -u; id -g; id -G; touch /disk/file; stat -c "%u %g" /disk/file';
      const main = shell(script, { volumeMounts: [{ name: 'disk', mountPath: '/disk' }] });
      const { log } = await ended(place, 'somebody', pod([main], { securityContext, volumes }));
      const [user, group, groups = '', file] = log.trim().split('\n');
      expect([user, group, file]).toEqual(['1234', '2345', '1234 3456']);
      expect(groups.split(' ').sort()).toEqual(['2345', '3456', '4567']);
    },
  },
  {
    what: 'runAsNonRoot: an image of root does not start',
    run: async (place) => {
      await place.create('Pod', 'root', { spec: pod([sleeping()], { securityContext: { runAsNonRoot: true } }) });
      const made = await place.untilIs(
        'Pod',
        'root',
        'waits',
        (now) => waitingFor(now) === 'CreateContainerConfigError',
      );
      expect(statusOf(made)?.state?.waiting?.message).toContain('runAsNonRoot');
    },
  },
  {
    what: 'readOnlyRootFilesystem: nothing can be written but volumes',
    run: async (place) => {
      const script = 'touch /file 2>&1 || true; touch /disk/file && echo written';
      const main = shell(script, {
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
      });
      const { log } = await ended(place, 'fixed', pod([main], { volumes: [{ name: 'disk', emptyDir: {} }] }));
      expect(log).toMatch(/Read-only file system\nwritten\n$/u);
    },
  },
  {
    what: 'capabilities are dropped and added, and allowPrivilegeEscalation false forbids more',
    run: async (place) => {
      const read = 'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status | tr -d "\\t"';
      const all = { securityContext: { capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false } };
      expect(await output(place, read, all)).toBe('CapEff:0000000000000000\nNoNewPrivs:1');
      const one = { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } };
      expect(await output(place, read, one)).toBe('CapEff:0000000000000400\nNoNewPrivs:0');
    },
  },
  {
    what: 'a privileged container sees the devices of its node, another one does not',
    run: async (place) => {
      const count = 'ls /dev | wc -l';
      const [plain, privileged] = await Promise.all([
        output(place, count),
        output(place, count, { securityContext: { privileged: true } }),
      ]);
      expect(Number(privileged)).toBeGreaterThan(Number(plain));
    },
  },
  {
    what: 'the seccomp profile of the runtime is in force where it is asked for',
    run: async (place) => {
      const securityContext = { seccompProfile: { type: 'RuntimeDefault' } };
      const read = 'grep "^Seccomp:" /proc/self/status | tr -d "\\t"';
      expect(await output(place, read, { securityContext })).toBe('Seccomp:2');
      const unconfined = { securityContext: { seccompProfile: { type: 'Unconfined' } } };
      expect(await output(place, read, unconfined)).toBe('Seccomp:0');
    },
  },
  {
    what: 'shareProcessNamespace: containers see each other’s processes; otherwise not',
    run: async (place) => {
      const other = shell('exec sleep 0009', { name: 'other' });
      const look = shell('sleep 2; ps | grep -c "[s]leep 0009" || true');
      const { log: shared } = await ended(place, 'shared', pod([look, other], { shareProcessNamespace: true }));
      expect(shared).toBe('1\n');
      const { log: own } = await ended(place, 'own', pod([look, other]));
      expect(own).toBe('0\n');
    },
  },
  {
    what: 'limits of memory and processor are those of the container’s cgroup, and QoS follows them',
    run: async (place) => {
      const resources = { limits: { memory: '32Mi', cpu: '200m' } };
      const { log, pod: made } = await ended(
        place,
        'limited',
        pod([shell(`${memoryLimit}; ${cpuLimit}`, { resources })]),
      );
      expect(log.trim().split('\n')).toEqual([String(32 * 1024 * 1024), '20000']);
      expect(made.status?.qosClass).toBe('Guaranteed');
      const burstable = await ended(
        place,
        'burstable',
        pod([shell('true', { resources: { requests: { cpu: '1m' } } })]),
      );
      expect(burstable.pod.status?.qosClass).toBe('Burstable');
    },
  },
  {
    what: 'a container that takes more memory than its limit is killed for it',
    run: async (place) => {
      const resources = { limits: { memory: '20Mi' } };
      const { pod: made } = await ended(place, 'greedy', pod([shell('exec tail /dev/zero', { resources })]));
      expect(statusOf(made)?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    },
  },
  {
    what: 'a sysctl that is safe is set for the pod alone; another one is refused by the node',
    run: async (place) => {
      const sysctl = (name: string, value: string) => ({ securityContext: { sysctls: [{ name, value }] } });
      const script = 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start';
      const { log } = await ended(
        place,
        'safe',
        pod([shell(script)], sysctl('net.ipv4.ip_unprivileged_port_start', '77')),
      );
      expect(log).toBe('77\n');
      await place.create('Pod', 'unsafe', { spec: pod([sleeping()], sysctl('net.ipv4.ip_forward', '1')) });
      const made = await place.untilIs('Pod', 'unsafe', 'failed', ({ status }) => status?.phase === 'Failed');
      expect(made.status?.reason).toBe('SysctlForbidden');
    },
  },
];
