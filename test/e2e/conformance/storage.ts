import { expect } from 'vitest';
import { workerNames } from '../declaration.ts';
import type { Check } from './check.ts';
import { ended, output, pod, running, shell, sleeping, statusOf, untilWithin, waitingFor, within } from './pods.ts';

const [node = ''] = workerNames;

export const storage: Check[] = [
  {
    what: 'containers of a pod share an emptyDir; one in memory is a tmpfs of its size',
    run: async (place) => {
      const volumeMounts = [
        { name: 'disk', mountPath: '/disk' },
        { name: 'memory', mountPath: '/memory' },
      ];
      const volumes = [
        { name: 'disk', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
      ];
      const reading = 'until [ -e /disk/file ]; do sleep 0.2; done; cat /disk/file; grep " /memory " /proc/mounts';
      const writing = shell('echo written >/disk/file', { name: 'writer', volumeMounts });
      const { log } = await ended(place, 'shared', pod([shell(reading, { volumeMounts }), writing], { volumes }));
      expect(log).toMatch(/^written\ntmpfs \/memory tmpfs .*size=4096k/u);
    },
  },
  {
    what: 'an emptyDir outlives a container, not the pod',
    run: async (place) => {
      const volumeMounts = [{ name: 'disk', mountPath: '/disk' }];
      const script = 'if [ -e /disk/seen ]; then echo again; exit 0; fi; touch /disk/seen; exit 1';
      const volumes = [{ name: 'disk', emptyDir: {} }];
      const spec = pod([shell(script, { volumeMounts })], { volumes, restartPolicy: 'OnFailure' });
      const { log, pod: made } = await ended(place, 'twice', spec);
      expect(log).toBe('again\n');
      expect(statusOf(made)?.restartCount).toBe(1);
    },
  },
  {
    what: 'a ConfigMap as files: all keys, chosen keys with a mode, read-only; it follows changes',
    run: async (place) => {
      await place.create('ConfigMap', 'settings', { data: { a: 'first', b: 'other' }, binaryData: { c: 'AAEC' } });
      const items = [{ key: 'b', path: 'deep/renamed', mode: 0o400 }];
      const volumes = [
        { name: 'all', configMap: { name: 'settings' } },
        { name: 'some', configMap: { name: 'settings', items } },
      ];
      const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
      await running(place, 'reader', pod([sleeping({ volumeMounts })], { volumes }));
      const script = 'ls /all; stat -L -c %a /some/deep/renamed; wc -c </all/c; touch /all/new 2>&1 || true';
      const printed = await within(place, 'reader', script);
      expect(printed.split('\n').slice(0, 5)).toEqual(['a', 'b', 'c', '400', '3']);
      expect(printed).toContain('Read-only file system');
      await place.patch('ConfigMap', 'settings', { data: { a: 'second' } });
      await untilWithin(place, 'reader', 'cat /all/a', (text) => text === 'second');
    },
  },
  {
    what: 'a pod waits for a ConfigMap that is not there, unless it is optional',
    run: async (place) => {
      const reference = (name: string, optional: boolean) => ({ configMapRef: { name, optional } });
      const optional = pod([shell('echo "got ${A:-nothing}"', { envFrom: [reference('late', true)] })]);
      expect((await ended(place, 'optional', optional)).log).toBe('got nothing\n');
      await place.create('Pod', 'needs', {
        spec: pod([shell('echo "got $A"', { envFrom: [reference('late', false)] })], { restartPolicy: 'Never' }),
      });
      await place.untilIs('Pod', 'needs', 'waits', (made) => waitingFor(made) === 'CreateContainerConfigError');
      await place.create('ConfigMap', 'late', { data: { A: 'it' } });
      await place.untilIs('Pod', 'needs', 'goes on', ({ status }) => status?.phase === 'Succeeded');
    },
  },
  {
    what: 'a Secret as files and as variables; an immutable one does not change',
    run: async (place) => {
      const secret = { stringData: { password: 'swordfish' }, immutable: true };
      await place.create('Secret', 'door', secret);
      const volumes = [{ name: 'door', secret: { secretName: 'door', defaultMode: 0o440 } }];
      const volumeMounts = [{ name: 'door', mountPath: '/door' }];
      const env = [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'door', key: 'password' } } }];
      const script = 'cat /door/password; echo " $WORD"; stat -L -c %a /door/password; grep " /door " /proc/mounts';
      const { log } = await ended(place, 'reader', pod([shell(script, { volumeMounts, env })], { volumes }));
      expect(log).toMatch(/^swordfish swordfish\n440\ntmpfs /u);
      await expect(place.patch('Secret', 'door', { stringData: { password: 'other' } })).rejects.toThrow(/immutable/u);
    },
  },
  {
    what: 'one projected volume holds a ConfigMap, a Secret, the pod’s own fields and a token',
    run: async (place) => {
      await place.create('ConfigMap', 'settings', { data: { a: 'of the map' } });
      await place.create('Secret', 'door', { stringData: { b: 'of the secret' } });
      const sources = [
        { configMap: { name: 'settings' } },
        { secret: { name: 'door' } },
        { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { serviceAccountToken: { path: 'token', audience: 'shop', expirationSeconds: 600 } },
      ];
      const volumes = [{ name: 'all', projected: { sources } }];
      const volumeMounts = [{ name: 'all', mountPath: '/all' }];
      const script = 'for file in a b name token; do cat /all/$file; echo; done';
      const { log } = await ended(place, 'reader', pod([shell(script, { volumeMounts })], { volumes }));
      const [a, b, name, token = ''] = log.split('\n');
      expect([a, b, name]).toEqual(['of the map', 'of the secret', 'reader']);
      const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      expect(claims).toContain('"aud":["shop"]');
    },
  },
  {
    what: 'downwardAPI files tell labels, annotations and limits, and follow changed labels',
    run: async (place) => {
      const items = [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } },
      ];
      const volumes = [{ name: 'own', downwardAPI: { items } }];
      const limited = sleeping({
        volumeMounts: [{ name: 'own', mountPath: '/own' }],
        resources: { limits: { cpu: '250m' } },
      });
      await running(place, 'self', pod([limited], { volumes }), { colour: 'red' });
      expect(await within(place, 'self', 'cat /own/labels; echo; cat /own/cpu')).toBe('colour="red"\n250');
      await place.patch('Pod', 'self', { metadata: { labels: { colour: 'blue' } } });
      await untilWithin(place, 'self', 'cat /own/labels', (text) => text.includes('colour="blue"'));
    },
  },
  {
    what: 'a hostPath outlives pods on its node; another type than what is there is refused',
    run: async (place) => {
      const path = `/tmp/${place.namespace}`;
      const mounted = (type: string) => ({
        nodeName: node,
        restartPolicy: 'Never',
        volumes: [{ name: 'host', hostPath: { path, type } }],
      });
      const volumeMounts = [{ name: 'host', mountPath: '/host' }];
      await ended(
        place,
        'writer',
        pod([shell('echo kept >/host/file', { volumeMounts })], mounted('DirectoryOrCreate')),
      );
      await place.create('Pod', 'wrong', { spec: pod([sleeping({ volumeMounts })], mounted('Socket')) });
      const script = 'cat /host/file; rm /host/file';
      const { log } = await ended(place, 'reader', pod([shell(script, { volumeMounts })], mounted('Directory')));
      expect(log).toBe('kept\n');
      expect((await place.read('Pod', 'wrong')).status?.phase).toBe('Pending');
    },
  },
  {
    what: 'subPath and subPathExpr mount parts of a volume; a read-only mount refuses writes',
    run: async (place) => {
      const volumeMounts = [
        { name: 'disk', mountPath: '/whole' },
        { name: 'disk', mountPath: '/part', subPath: 'a/b' },
        { name: 'disk', mountPath: '/own', subPathExpr: 'of/$(NAME)' },
        { name: 'disk', mountPath: '/fixed', readOnly: true },
      ];
      const env = [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
      const script = 'touch /part/x /own/y; cd /whole; find . -type f | sort; touch /fixed/z 2>&1 || true';
      const volumes = [{ name: 'disk', emptyDir: {} }];
      const { log } = await ended(place, 'parts', pod([shell(script, { volumeMounts, env })], { volumes }));
      expect(log).toMatch(/^\.\/a\/b\/x\n\.\/of\/parts\/y\n/u);
      expect(log).toContain('Read-only file system');
    },
  },
  {
    what: 'variables from whole ConfigMaps bear their prefix, and refer to each other',
    run: async (place) => {
      await place.create('ConfigMap', 'settings', { data: { COLOUR: 'red' } });
      const envFrom = [{ prefix: 'MY_', configMapRef: { name: 'settings' } }];
      const env = [{ name: 'WHOLE', value: 'it is $(MY_COLOUR), $$(MY_COLOUR)' }];
      expect(await output(place, 'echo "$WHOLE"', { envFrom, env })).toBe('it is red, $(MY_COLOUR)');
    },
  },
];
