import { controlPlanes } from '../declaration/nodes.ts';
import type { ContainerObservation } from '../observation.ts';
import type { Step } from '../steps/step.ts';
import type { Facts, Placement } from './facts.ts';
import { isHealthy } from './placement.ts';
import { endpointsIn, sameEndpoints } from '../resources/endpoint-slice.ts';

/** Whether clients inside the cluster are sent to this API server now. */
export function isReadyEndpoint({ observation }: Facts, { node }: Pick<Placement, 'node'>): boolean {
  const { kubernetes } = observation;
  return kubernetes.state === 'observed' && kubernetes.apiEndpoints.ready.includes(node.address);
}

/** Whether clients are sent to another API server beside this one, or may be: where nobody can tell, those that stand count. */
export function mayOthersBeReady({ observation }: Facts, { node }: Pick<Placement, 'node'>): boolean {
  const { kubernetes, nodes, departing = {} } = observation;
  if (kubernetes.state === 'observed') return kubernetes.apiEndpoints.ready.some((address) => address !== node.address);
  const left = Object.entries(departing).map(([name, { seen }]) => [name, seen] as const);
  return [...Object.entries(nodes), ...left].some(
    ([name, seen]) => name !== node.name && seen.state === 'observed' && stands(seen.containers['kube-apiserver']),
  );
}

const stands = (container: ContainerObservation | undefined): boolean =>
  container?.state === 'running' || container?.state === 'restarting';

/** The Service default/kubernetes points at the API servers that serve and are not about to be replaced. */
export function endpointSteps(
  { declaration, observation }: Facts,
  all: Placement[],
  next: Placement | undefined,
): Step[] {
  const { kubernetes } = observation;
  if (kubernetes.state !== 'observed') return [];
  const serving = all.filter((one) => isHealthy(one) && one !== next).map(({ node }) => node.address);
  const others = controlPlanes(declaration)
    .map(({ address }) => address)
    .filter((address) => !serving.includes(address));
  const { ready } = kubernetes.apiEndpoints;
  const draining = next && isHealthy(next) ? [next.node.address] : [];
  const wanted = endpointsIn({ ready: serving, notReady: others, draining });
  if (serving.length === 0 || sameEndpoints(kubernetes.apiEndpoints, wanted)) return [];
  const because =
    next && ready.includes(next.node.address)
      ? `${next.node.name} is withdrawn before its API server is replaced: ${next.drift}`
      : `ready [${ready.join(', ')}] → [${serving.join(', ')}]`;
  return [{ kind: 'update-api-endpoints', ...wanted, because, disruption: 'none' }];
}
