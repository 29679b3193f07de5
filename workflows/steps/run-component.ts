import type { ContainerTarget } from '../../cluster/steps/base.ts';
import type {
  RenewCertificates,
  RunComponent,
  StartComponent,
  StopComponent,
} from '../../cluster/steps/component-steps.ts';
import type { Mandate } from '../../activities/contracts/mandates.ts';
import type { NodeActivities } from '../../activities/contracts/steps.ts';

/** Puts a container with the wanted spec in place of what is there; its files and certificates come first. */
export async function runComponent(
  { component }: Pick<RunComponent, 'component'>,
  target: ContainerTarget,
  mandate: Mandate,
  node: NodeActivities,
): Promise<void> {
  const place = { ...mandate, node: target.node, component };
  await node.installFiles(place);
  await node.replaceContainer({
    ...place,
    ...(target.containerId !== undefined && { containerId: target.containerId }),
  });
  await node.awaitHealthy(place);
}

/** New files beneath a container that runs on; it counts as done when the container is seen to serve with them. */
export async function renewCertificates(
  { component }: Pick<RenewCertificates, 'component'>,
  target: ContainerTarget,
  mandate: Mandate,
  node: NodeActivities,
): Promise<void> {
  const place = { ...mandate, node: target.node, component };
  await node.installFiles(place);
  await node.awaitCertificates({ ...place, containerId: target.containerId ?? '' });
}

/** Starts a container that has the wanted spec already. */
export async function startComponent(
  { component }: Pick<StartComponent, 'component'>,
  target: ContainerTarget,
  mandate: Mandate,
  node: NodeActivities,
): Promise<void> {
  const place = { ...mandate, node: target.node, component };
  await node.startContainer({ ...place, containerId: target.containerId ?? '' });
  await node.awaitHealthy(place);
}

export async function stopComponent(
  { component }: Pick<StopComponent, 'component'>,
  target: ContainerTarget,
  mandate: Mandate,
  node: NodeActivities,
): Promise<void> {
  await node.stopContainer({ ...mandate, node: target.node, component, containerId: target.containerId ?? '' });
}
