import { expect } from 'vitest';
import { lab } from '../story.ts';
import type { Check } from './check.ts';
import type { Place } from './place.ts';
import { echoing, ended, pod, running, shell, sleeping, untilWithin } from './pods.ts';

const domain = 'svc.cluster.local';
const ports = [{ name: 'http', port: 80, targetPort: 8080 }];

const asker = (place: Place) => running(place, 'asker', pod([sleeping()]));

/** Asks the node's resolver until the answer is as wanted. */
const asking = (place: Place, type: string, name: string, wanted: (text: string) => boolean) =>
  untilWithin(place, 'asker', `nslookup -type=${type} ${name} || true`, wanted);

const addresses = (text: string): string[] =>
  [...text.matchAll(/^Address:\s+(\d[\d.]+)$/gmu)].map(([, address = '']) => address).sort();

export const names: Check[] = [
  {
    what: 'a pod asks its own node, and finds Services of its namespace by their first names',
    run: async (place) => {
      const { spec } = await place.create('Service', 'web', { spec: { selector: { app: 'web' }, ports } });
      const made = await asker(place);
      const address = lab.node(made.spec?.nodeName ?? '').address;
      await asking(place, 'a', `web.${place.namespace}.${domain}`, (text) =>
        addresses(text).includes(spec?.clusterIP ?? '-'),
      );
      const resolver = await untilWithin(place, 'asker', 'cat /etc/resolv.conf', () => true);
      expect(resolver).toContain(`nameserver ${address}`);
      expect(resolver).toContain(`search ${place.namespace}.${domain} ${domain} cluster.local`);
      await running(place, 'web', pod([echoing()]), { app: 'web' });
      await untilWithin(place, 'asker', 'timeout 5 wget -qO- http://web/', (text) => text === 'web answers GET /');
    },
  },
  {
    what: 'a headless Service is the addresses of its pods, each with a name of its own',
    run: async (place) => {
      await place.create('Service', 'set', { spec: { clusterIP: 'None', selector: { app: 'set' }, ports } });
      const one = (name: string) =>
        running(place, name, pod([echoing()], { hostname: name, subdomain: 'set' }), { app: 'set' });
      const [, ...all] = await Promise.all([asker(place), one('one'), one('two')]);
      const wanted = all.map(({ status }) => status?.podIP ?? '').sort();
      const full = `set.${place.namespace}.${domain}`;
      await asking(place, 'a', full, (text) => wanted.every((address) => addresses(text).includes(address)));
      await asking(place, 'a', `one.${full}`, (text) => addresses(text).includes(all[0]?.status?.podIP ?? '-'));
    },
  },
  {
    what: 'a named port has an SRV record',
    run: async (place) => {
      await place.create('Service', 'web', { spec: { selector: { app: 'web' }, ports } });
      await asker(place);
      const full = `web.${place.namespace}.${domain}`;
      await asking(place, 'srv', `_http._tcp.${full}`, (text) => text.includes(`80 ${full}`));
    },
  },
  {
    what: 'an ExternalName Service is another name',
    run: async (place) => {
      await place.create('Service', 'elsewhere', { spec: { type: 'ExternalName', externalName: 'www.example.org' } });
      await asker(place);
      const full = `elsewhere.${place.namespace}.${domain}`;
      await asking(place, 'cname', full, (text) => /canonical name = www\.example\.org/u.test(text));
    },
  },
  {
    what: 'an address of a Service leads back to its name',
    run: async (place) => {
      const { spec } = await place.create('Service', 'web', { spec: { selector: { app: 'web' }, ports } });
      await asker(place);
      const wanted = `web.${place.namespace}.${domain}`;
      await untilWithin(place, 'asker', `nslookup ${spec?.clusterIP} || true`, (text) => text.includes(wanted));
    },
  },
  {
    what: 'dnsPolicy None and dnsConfig: resolv.conf is as the pod says',
    run: async (place) => {
      const dnsConfig = {
        nameservers: ['192.0.2.53'],
        searches: ['shop.example.com'],
        options: [{ name: 'ndots', value: '2' }],
      };
      const spec = pod([shell('cat /etc/resolv.conf')], { dnsPolicy: 'None', dnsConfig });
      const { log } = await ended(place, 'own', spec);
      expect(log.trim().split('\n').sort()).toEqual([
        'nameserver 192.0.2.53',
        'options ndots:2',
        'search shop.example.com',
      ]);
    },
  },
  {
    what: 'hostAliases and the own name stand in /etc/hosts; hostname and subdomain name the pod',
    run: async (place) => {
      const hostAliases = [{ ip: '192.0.2.9', hostnames: ['old.example.com'] }];
      const spec = pod([shell('hostname; cat /etc/hosts')], { hostAliases, hostname: 'named', subdomain: 'set' });
      const { log } = await ended(place, 'aliased', spec);
      expect(log).toMatch(/^named\n/u);
      expect(log).toMatch(/^192\.0\.2\.9\s+old\.example\.com$/mu);
      expect(log).toContain(`named.set.${place.namespace}.${domain}`);
    },
  },
];
