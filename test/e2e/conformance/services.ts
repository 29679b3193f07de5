import { expect } from 'vitest';
import { declaredNames, workerNames } from '../declaration.ts';
import { lab, until } from '../story.ts';
import type { Check } from './check.ts';
import type { Kinds } from './kinds.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { echoing, pod, running, shell, sleeping, untilWithin, within } from './pods.ts';

const [here = '', there = ''] = workerNames;
/** `wget -T` of this busybox dies. */
const get = (address: string) => `timeout 5 wget -qO- http://${address}/`;

const asker = (place: Place) => running(place, 'asker', pod([sleeping()], { nodeName: here }));
const backend = (place: Place, name: string, nodeName = there) =>
  running(place, name, pod([echoing()], { nodeName }), { app: 'web' });

const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
const selector = { app: 'web' };

/** Who answers within so many requests. */
async function whoAnswers(place: Place, address: string, times: number): Promise<string[]> {
  const text = await within(place, 'asker', `for i in $(seq ${times}); do ${get(address)} || true; done`);
  return [...new Set(text.split('\n').map((line) => line.split(' ')[0] ?? ''))].filter(Boolean).sort();
}

const addressOf = async (place: Place, name: string) => (await place.read('Service', name)).spec?.clusterIP ?? '';

export const services: Check[] = [
  {
    what: 'a pod reaches a pod of its own node and one of another node, and the other sees its address',
    run: async (place) => {
      const [from, near, far] = await Promise.all([
        asker(place),
        backend(place, 'near', here),
        running(
          place,
          'far',
          pod([shell('while true; do nc -l -p 9000 -e sh -c "echo hello; sleep 1"; done')], { nodeName: there }),
        ),
      ]);
      expect(await within(place, 'asker', get(`${near.status?.podIP}:8080`))).toBe('near answers GET /');
      await untilWithin(place, 'asker', `nc -w 3 ${far.status?.podIP} 9000`, (text) => text === 'hello');
      expect(from.status?.podIP).not.toBe(from.status?.hostIP);
    },
  },
  {
    what: 'a ClusterIP Service spreads over all of its pods, and a pod reaches itself through it',
    run: async (place) => {
      await place.create('Service', 'web', { spec: { selector, ports } });
      await Promise.all([asker(place), backend(place, 'a', here), backend(place, 'b')]);
      const address = await addressOf(place, 'web');
      await until('both', async () => (await whoAnswers(place, address, 10)).join() === 'a,b' || undefined, patience);
      await place.create('Service', 'self', {
        spec: { selector: { app: 'self' }, ports: [{ port: 80, targetPort: 9000 }] },
      });
      const serving = shell('mkdir /tmp/www; echo me >/tmp/www/index.html; httpd -f -p 9000 -h /tmp/www');
      await running(place, 'self', pod([serving]), { app: 'self' });
      await untilWithin(place, 'self', get(await addressOf(place, 'self')), (text) => text === 'me');
    },
  },
  {
    what: 'a NodePort Service answers on every node',
    run: async (place) => {
      await Promise.all([asker(place), backend(place, 'web')]);
      const { spec } = await place.create('Service', 'web', { spec: { type: 'NodePort', selector, ports } });
      const port = spec?.ports?.[0]?.nodePort;
      for (const name of declaredNames)
        await untilWithin(
          place,
          'asker',
          get(`${lab.node(name).address}:${port}`),
          (text) => text === 'web answers GET /',
        );
    },
  },
  {
    what: 'externalTrafficPolicy Local: only nodes with a pod answer on the port of the node',
    run: async (place) => {
      const spec = { type: 'NodePort', externalTrafficPolicy: 'Local', selector, ports };
      const made = await place.create('Service', 'web', { spec });
      const address = (name: string) => `http://${lab.node(name).address}:${made.spec?.ports?.[0]?.nodePort}/`;
      await backend(place, 'web');
      const answer = () => fetch(address(there), { signal: AbortSignal.timeout(3000) }).then((said) => said.text());
      expect(await until('the node with the pod', answer, patience)).toContain('web answers');
      await expect(fetch(address(here), { signal: AbortSignal.timeout(3000) })).rejects.toThrow();
    },
  },
  {
    what: 'sessionAffinity ClientIP: a client stays with one pod',
    run: async (place) => {
      await place.create('Service', 'web', { spec: { sessionAffinity: 'ClientIP', selector, ports } });
      await Promise.all([asker(place), backend(place, 'a', here), backend(place, 'b')]);
      const address = await addressOf(place, 'web');
      await untilWithin(place, 'asker', get(address), (text) => text.includes('answers'));
      await untilSlice(place, 'web', 2);
      expect(await whoAnswers(place, address, 12)).toHaveLength(1);
    },
  },
  {
    what: 'named ports and several ports lead to the right port of each pod',
    run: async (place) => {
      const several = [
        { name: 'one', port: 81, targetPort: 'http' },
        { name: 'two', port: 82, targetPort: 'other' },
      ];
      await place.create('Service', 'web', { spec: { selector, ports: several } });
      const other = echoing({ name: 'other', env: [{ name: 'PORT', value: '9090' }] });
      const second = {
        ...other,
        ports: [{ name: 'other', containerPort: 9090 }],
        readinessProbe: { httpGet: { port: 'other' } },
      };
      await Promise.all([asker(place), running(place, 'web', pod([echoing(), second]), selector)]);
      const address = await addressOf(place, 'web');
      for (const port of [81, 82])
        await untilWithin(place, 'asker', get(`${address}:${port}`), (text) => text === 'web answers GET /');
    },
  },
  {
    what: 'a Service without a selector leads where its EndpointSlice says',
    run: async (place) => {
      await place.create('Service', 'away', { spec: { ports } });
      const [, made] = await Promise.all([asker(place), backend(place, 'web')]);
      await place.create('EndpointSlice', 'away', {
        metadata: { labels: { 'kubernetes.io/service-name': 'away' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [made.status?.podIP ?? ''], conditions: { ready: true } }],
        ports: [{ name: 'http', port: 8080 }],
      });
      await untilWithin(place, 'asker', get(await addressOf(place, 'away')), (text) => text === 'web answers GET /');
    },
  },
  {
    what: 'a Service over UDP',
    run: async (place) => {
      await asker(place);
      const name = 'kubernetes.default.svc.cluster.local';
      const path = '/api/v1/namespaces/kube-system/services/cluster-dns';
      const { spec } = await place.api.json<Kinds['Service']>({ path });
      expect(spec?.ports?.map(({ protocol }) => protocol)).toContain('UDP');
      await untilWithin(place, 'asker', `nslookup -type=a ${name} ${spec?.clusterIP}`, (text) =>
        text.includes('10.96.0.1'),
      );
    },
  },
  {
    what: 'internalTrafficPolicy Local: a node without a pod of it has no way to it',
    run: async (place) => {
      await place.create('Service', 'web', { spec: { internalTrafficPolicy: 'Local', selector, ports } });
      await Promise.all([
        asker(place),
        backend(place, 'web'),
        running(place, 'beside', pod([sleeping()], { nodeName: there })),
      ]);
      const address = await addressOf(place, 'web');
      await untilWithin(place, 'beside', get(address), (text) => text === 'web answers GET /');
      expect(await whoAnswers(place, address, 2)).toEqual([]);
    },
  },
  {
    what: 'an EndpointSlice follows readiness; publishNotReadyAddresses publishes all the same',
    run: async (place) => {
      await place.create('Service', 'web', { spec: { selector, ports } });
      await place.create('Service', 'early', { spec: { selector, ports, publishNotReadyAddresses: true } });
      const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 };
      await place.create('Pod', 'web', { metadata: { labels: selector }, spec: pod([sleeping({ readinessProbe })]) });
      await untilSlice(place, 'early', 1);
      await untilSlice(place, 'web', 0);
      await untilWithin(place, 'web', 'touch /tmp/ready', () => true);
      await untilSlice(place, 'web', 1);
      await within(place, 'web', 'rm /tmp/ready');
      await untilSlice(place, 'web', 0);
    },
  },
  {
    what: 'a hostNetwork pod has the address of its node, and a hostPort is open on it',
    run: async (place) => {
      const { address } = lab.node(there);
      const made = await running(place, 'host', pod([sleeping()], { nodeName: there, hostNetwork: true }));
      expect([made.status?.podIP, made.status?.hostIP]).toEqual([address, address]);
      const hostPort = 20_000 + Math.floor(Math.random() * 9_000);
      const published = echoing({ ports: [{ containerPort: 8080, hostPort }] });
      await Promise.all([asker(place), running(place, 'published', pod([published], { nodeName: there }))]);
      await untilWithin(place, 'asker', get(`${address}:${hostPort}`), (text) => text === 'published answers GET /');
    },
  },
];

/** Waits until so many addresses of the Service are ready. */
async function untilSlice(place: Place, service: string, ready: number): Promise<void> {
  await until(
    `${ready} ready addresses of ${service}`,
    async () => {
      const slices = await place.list('EndpointSlice', `kubernetes.io/service-name=${service}`);
      const endpoints = slices.flatMap(({ endpoints: all }) => all ?? []);
      const known = slices.length > 0 && endpoints.filter(({ conditions }) => conditions?.ready).length === ready;
      return known || undefined;
    },
    patience,
  );
}
