import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { IssuedCertificate } from '../../cluster/certificates/certificate.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ComponentMandate } from '../contracts/mandates.ts';
import type { NodeActivities } from '../contracts/steps.ts';
import type { Fence } from '../fence.ts';
import { bareSerial, served, servedSerial } from '../served-certificate.ts';
import type { Store } from '../store/store.ts';
import { placeName, type Places } from './places.ts';

const pollMilliseconds = 200;

/** The API server looks at its files within a second of their change; a busy machine takes longer. */
const patienceMilliseconds = 30_000;

interface CertificatePorts {
  places: Places;
  fence: Fence;
  store: Pick<Store, 'records'>;
}

/** What makes a renewal count: the program serves with the new certificate (reliability §3.4 L4). */
export function certificateActivities(ports: CertificatePorts): Pick<NodeActivities, 'awaitCertificates'> {
  return {
    async awaitCertificates(mandate) {
      const { files, docker, node, wanted } = await ports.places.at(mandate);
      const manifest = await files.readManifest(await wanted(mandate.component));
      const certificates = manifest?.certificates ?? [];
      await untilServed({ mandate, address: node.address, certificates });
      const standing = await docker.inspect(mandate.component);
      // Another container has read its files when it started, and says so on its label.
      if (standing?.id !== mandate.containerId) return;
      await ports.fence.mayAct(mandate);
      await ports.store.records.putTakenUp(
        mandate.cluster,
        mandate,
        { containerId: standing.id, certificates },
        mandate,
      );
    },
  };
}

interface Awaited {
  mandate: ComponentMandate;
  address: string;
  certificates: IssuedCertificate[];
}

async function untilServed({ mandate, address, certificates }: Awaited): Promise<void> {
  const signal = Context.current().cancellationSignal;
  const deadline = Date.now() + patienceMilliseconds;
  for (const { kind, port } of served[mandate.component] ?? []) {
    const wanted = bareSerial(certificates.find((one) => one.kind === kind)?.serial ?? '');
    for (;;) {
      const seen = await servedSerial({ address, port }).catch((error: unknown) => whyNot(error));
      if (seen === wanted) break;
      if (Date.now() > deadline) throw notTakenUp(mandate, `port ${port}: ${seen}`, wanted);
      await sleep(pollMilliseconds, undefined, { signal });
    }
  }
}

const whyNot = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no handshake';

function notTakenUp(mandate: ComponentMandate, got: string, want: string): CkeError {
  return new CkeError({
    code: 'NotHealthy',
    message: `${placeName(mandate)} does not serve with its new certificate`,
    node: mandate.node,
    got,
    want,
    fix: 'it is restarted as soon as the others allow it',
    remedy: 'never',
  });
}
