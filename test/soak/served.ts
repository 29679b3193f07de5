import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { ports } from '../../cluster/components/endpoint.ts';
import { againAndAgain } from '../e2e/again.ts';
import { allContainers, certificatesOf } from '../e2e/containers.ts';
import { declaredNames } from '../e2e/declaration.ts';
import { lab } from '../e2e/story.ts';

const pauseMilliseconds = 2_000;

const kubeletPort = 10_250;

/** Every door with a certificate of its own, by component. */
const doors = [
  { component: 'etcd', port: ports.etcdClient },
  { component: 'etcd', port: ports.etcdPeer },
  { component: 'kube-apiserver', port: ports.apiServer },
  { component: 'kubelet', port: kubeletPort },
] as const;

export interface CertificateSampler {
  /** What was seen until now. */
  readonly seen: Seen;
  stop(): Promise<Seen>;
}

interface Seen {
  samples: number;
  /** Sentences. */
  readonly expired: Set<string>;
  /** Serial numbers by `node kind`. */
  readonly serials: Map<string, Set<string>>;
}

/** Looks at what programs serve with, and were started with, again and again, from below: handshakes and labels. */
export function sampleCertificates(): CertificateSampler {
  const seen: Seen = { samples: 0, expired: new Set(), serials: new Map() };
  const note = (place: string, serial: string, until: number) => {
    seen.serials.set(place, (seen.serials.get(place) ?? new Set()).add(serial));
    if (until <= Date.now()) seen.expired.add(`${place}: ${serial} ended at ${new Date(until).toISOString()}`);
  };
  const stop = againAndAgain(async () => {
    await Promise.all([lookAtDoors(note), lookAtLabels(note)]);
    seen.samples += 1;
    await sleep(pauseMilliseconds);
  });
  return { seen, stop: () => stop().then(() => seen) };
}

type Note = (place: string, serial: string, until: number) => void;

/** A server that is being restarted has no certificate to show: that is no finding. */
async function lookAtDoors(note: Note): Promise<void> {
  const asked = declaredNames.flatMap((name) =>
    doors
      .filter(({ component }) => name.startsWith('cp-') || component === 'kubelet')
      .map(async ({ component, port }) => {
        const shown = await shownAt(lab.node(name).address, port);
        if (shown !== undefined) note(`${name} ${component}:${port}`, shown.serial, shown.until);
      }),
  );
  await Promise.all(asked);
}

function shownAt(host: string, port: number): Promise<{ serial: string; until: number } | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 3_000, minVersion: 'TLSv1.3' });
    socket.on('secureConnect', () => {
      const { serialNumber, valid_to } = socket.getPeerCertificate();
      resolve({ serial: serialNumber, until: Date.parse(valid_to) });
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', () => resolve(undefined));
  });
}

/** What takes certificates up at its start only works with those of its label. */
async function lookAtLabels(note: Note): Promise<void> {
  const containers = await allContainers(declaredNames.map((name) => lab.node(name)));
  for (const container of containers) {
    if (!container.running || container.name === 'etcd' || container.name === 'kube-apiserver') continue;
    for (const { kind, serial, notAfter } of certificatesOf(container))
      note(`${container.node} ${kind}`, serial, Date.parse(notAfter));
  }
}
