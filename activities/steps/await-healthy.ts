import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CkeError } from '../../cluster/errors.ts';
import type { Health } from '../../cluster/observation.ts';
import type { ComponentMandate } from '../contracts/mandates.ts';
import type { NodeActivities } from '../contracts/steps.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import type { InspectedContainer } from '../node/docker.ts';
import { probeComponent } from '../probe.ts';
import type { Place, Places } from './places.ts';

const pollMilliseconds = 200;

/** After this the operation goes on without it, and the next one looks again. */
const patienceMilliseconds = 45_000;

/** So many deaths in a row are not waited out. */
const crashLoopRestarts = 3;

/** A component without a health endpoint has proven itself after being seen running so often without a restart. */
const provenLooks = 4;

interface HealthPorts {
  places: Places;
  credentials: OwnCredentials;
  kubernetes: Pick<Kubernetes, 'probe'>;
}

/** Waits until a component serves; fails early, with its last words, when it keeps dying. */
export function awaitHealthyActivity(ports: HealthPorts): Pick<NodeActivities, 'awaitHealthy'> {
  return {
    async awaitHealthy(mandate) {
      const place = await ports.places.at(mandate);
      const signal = Context.current().cancellationSignal;
      const deadline = Date.now() + patienceMilliseconds;
      for (let looks = 1; ; looks += 1) {
        const container = await place.docker.inspect(mandate.component);
        const health = await healthOf({ ports, place, mandate, container, looks });
        if (health.state === 'healthy') return;
        if ((container?.restarts ?? 0) >= crashLoopRestarts || container?.state === 'exited')
          throw await complaint('CrashLoop', { place, mandate, container, health });
        if (Date.now() > deadline) throw await complaint('NotHealthy', { place, mandate, container, health });
        await sleep(pollMilliseconds, undefined, { signal });
      }
    },
  };
}

interface HealthInput {
  ports: HealthPorts;
  place: Place;
  mandate: ComponentMandate;
  container: InspectedContainer | undefined;
  /** How often it was looked at. */
  looks: number;
}

async function healthOf({ ports, place, mandate, container, looks }: HealthInput): Promise<Health> {
  if (container === undefined) return { state: 'unhealthy', because: 'it is not there' };
  if (container.state !== 'running')
    return { state: 'unhealthy', because: container.startFailure ?? `it is ${container.state}` };
  const { declaration, node } = place;
  const credentials = await ports.credentials.kubernetes(declaration);
  if (mandate.component === 'kube-apiserver')
    return ports.kubernetes.probe({ cluster: declaration.name, address: node.address, credentials });
  if (mandate.component === 'etcd' || mandate.component.endsWith('rivers')) return stillRunning(looks);
  return probeComponent({ component: mandate.component, address: node.address, ca: credentials.ca });
}

function stillRunning(looks: number): Health {
  return looks >= provenLooks ? { state: 'healthy' } : { state: 'unhealthy', because: 'it has just started' };
}

type Failed = Omit<HealthInput, 'ports' | 'looks'> & { health: Health };

async function complaint(
  code: 'CrashLoop' | 'NotHealthy',
  { place, mandate, container, health }: Failed,
): Promise<CkeError> {
  const lines = container === undefined ? [] : await place.docker.logs(container.id, 3);
  const because = health.state === 'healthy' ? '' : health.because;
  const what = code === 'CrashLoop' ? `keeps dying (exit code ${container?.exitCode})` : `does not serve: ${because}`;
  const said = lines.at(-1);
  return new CkeError({
    code,
    message: `${mandate.component} on ${mandate.node} ${what}${said === undefined ? '' : `; it says: ${said.slice(0, 300)}`}`,
    node: mandate.node,
    ...(lines.length > 0 && { got: lines.join(' | ').slice(0, 600) }),
    fix: `correct the declaration, then: cke-client apply`,
    remedy: 'never',
  });
}
