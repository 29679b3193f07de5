import { acceptedDeclarations } from '../../activities/declarations.ts';
import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import { closePorts, openPorts } from '../../worker/ports.ts';
import { seconds, type Figure } from './figures.ts';
import { countRequests } from './requests.ts';
import type { Site } from './site.ts';

/** Certificates that are issued to measure how fast that goes, and how many at a time: as many as file sets of a round. */
const [amount, lanes] = [200, 10];

/** Issuing alone, in this very process; then every certificate of the cluster anew, as a person asks for it. */
export async function certificates(site: Site): Promise<Figure[]> {
  await site.settled();
  const { milliseconds, requests } = await issuing(site);
  const began = performance.now();
  const { code, stderr } = await site.lab.run('cke-client', ['certificates', 'rotate', '--cluster', site.cluster]);
  if (code !== 0) throw new Error(`certificates rotate ended with ${code}: ${stderr.slice(-1000)}`);
  return [
    { what: 'certificates issued per second', ours: ((amount * 1000) / milliseconds).toFixed(0) },
    { what: '… requests to Vault for each', ours: (requests / amount).toFixed(2), cke: '2', goal: '1' },
    { what: 'all certificates of 3 + 2 anew', ours: seconds(performance.now() - began), goal: '< 60 s' },
  ];
}

async function issuing({ settings, cluster }: Site): Promise<{ milliseconds: number; requests: number }> {
  const ports = await openPorts(settings);
  try {
    const { declaration } = await acceptedDeclarations(ports.store.declarations).get(cluster, 'latest');
    const [node] = declaration.nodes;
    if (node === undefined) throw new Error(`${cluster} has no nodes`);
    const request = certificateRequest({ kind: 'kubelet', declaration, node });
    // The first one logs in and brings its role up to date.
    await ports.vault.issue({ cluster, request });
    const began = performance.now();
    const { http } = await countRequests(async () => {
      let left = amount;
      const lane = async () => {
        while (left-- > 0) await ports.vault.issue({ cluster, request });
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    });
    return { milliseconds: performance.now() - began, requests: http };
  } finally {
    closePorts(ports);
  }
}
