import { explainDrift } from '../../cluster/components/drift.ts';
import type { ComponentSpec } from '../../cluster/components/spec.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ComponentMandate } from '../contracts/mandates.ts';
import type { NodeActivities } from '../contracts/steps.ts';
import type { Fence } from '../fence.ts';
import { containerLabels, readLabels } from '../labels.ts';
import { filesDigest } from '../render-files.ts';
import type { InspectedContainer } from '../node/docker.ts';
import { dropNeedlessImage, previousImage } from './old-images.ts';
import type { Place, Places } from './places.ts';
import { stopAndRemove } from './stop-and-remove.ts';

interface ContainerPorts {
  places: Places;
  fence: Fence;
}

type ContainerActivities = Pick<NodeActivities, 'replaceContainer' | 'startContainer' | 'stopContainer'>;

/** Containers are removed by id and created under their one name: a call that arrives late finds nothing to do (rule E-05). */
export function containerActivities({ places, fence }: ContainerPorts): ContainerActivities {
  return {
    async replaceContainer(mandate) {
      const place = await places.at(mandate);
      await replaceContainer({ place, fence, mandate });
    },

    async startContainer(mandate) {
      const { docker } = await places.at(mandate);
      await fence.mayAct(mandate);
      if ((await docker.start(mandate.containerId)) === 'gone') throw gone(mandate);
    },

    async stopContainer(mandate) {
      const { docker } = await places.anywhere(mandate);
      const found = await docker.inspect(mandate.containerId);
      if (found === undefined) return;
      demandOlder(mandate, found);
      await stopAndRemove({ docker, fence, mandate, containerId: found.id, seconds: 30 });
    },
  };
}

interface Replacement {
  place: Place;
  fence: Fence;
  mandate: ComponentMandate & { containerId?: string };
}

/**
 * Stops and removes the container that the plan saw, and starts one with the wanted spec. On a retry it adopts what it finds: a
 * container with the wanted spec is only started.
 */
export async function replaceContainer({ place, fence, mandate }: Replacement): Promise<void> {
  const { docker } = place;
  const spec = await place.wanted(mandate.component);
  const standing = await docker.inspect(mandate.component);
  if (standing !== undefined && standing.id !== mandate.containerId && isWanted(spec, standing)) {
    await fence.mayAct(mandate);
    await docker.start(standing.id);
    return;
  }
  await bringImage({ place, fence, mandate });
  if (standing !== undefined) await clear({ place, fence, mandate, spec, standing });
  await fence.mayAct(mandate);
  const manifest = await place.files.readManifest(spec);
  if (spec.component === 'kube-apiserver' && manifest?.digest !== filesDigest(spec)) throw otherFiles(mandate);
  const labels = containerLabels({
    mandate,
    spec,
    certificates: manifest?.certificates ?? [],
    previousImage: previousImage(standing, spec.container.image),
  });
  const { id, outcome } = await docker.create({ name: spec.component, spec: spec.container, labels });
  if (outcome === 'exists') throw overtaken(mandate);
  await fence.mayAct(mandate);
  await docker.start(id);
  await dropNeedlessImage({ docker, fence, mandate, standing });
}

/** What stands there goes on until the image of the other is there. */
export async function bringImage({ place, fence, mandate }: Replacement): Promise<void> {
  const { image } = (await place.wanted(mandate.component)).container;
  if (await place.docker.hasImage(image)) return;
  await fence.mayAct(mandate);
  await place.pull(image);
}

async function clear(input: Replacement & { spec: ComponentSpec; standing: InspectedContainer }): Promise<void> {
  const { place, fence, mandate, spec, standing } = input;
  demandOlder(mandate, standing);
  const { stop_seconds: seconds } = spec.container;
  await stopAndRemove({ docker: place.docker, fence, mandate, containerId: standing.id, seconds });
}

/** Whether a container was made from this very spec. */
export function isWanted(spec: ComponentSpec, { labels }: InspectedContainer): boolean {
  return explainDrift(spec, readLabels(labels).spec) === undefined;
}

/** Rule E-02 at the node: what a newer operation made is not touched by an older one, and what is not ours by none. */
export function demandOlder(mandate: ComponentMandate, { labels }: InspectedContainer): void {
  const { epoch, cluster } = readLabels(labels);
  if (cluster !== mandate.cluster) throw foreign(mandate, cluster);
  if (epoch > mandate.epoch) throw overtaken(mandate);
}

/** Its label would claim keys of Secrets that its files do not hold, and their change goes by labels (C-05). */
function otherFiles({ node, component }: ComponentMandate): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `the files of ${component} on ${node} were made for another specification: they are installed again`,
    node,
    remedy: 'never',
  });
}

function overtaken({ node, component, epoch }: ComponentMandate): CkeError {
  return new CkeError({
    code: 'Fenced',
    message: `${component} on ${node} was made by a newer operation: it is left alone`,
    node,
    got: `epoch ${epoch}`,
    remedy: 'never',
  });
}

function foreign({ node, component, cluster }: ComponentMandate, found: string | undefined): CkeError {
  return new CkeError({
    code: 'PreflightFailed',
    message: `the container ${component} on ${node} is not ours: it is left alone`,
    node,
    got: found === undefined ? 'no label cke.cluster' : `cluster ${found}`,
    want: `cluster ${cluster}`,
    fix: `see whose it is, then on ${node}: docker rm -f ${component}`,
    remedy: 'never',
  });
}

export function gone({ node, component }: Pick<ComponentMandate, 'node' | 'component'>): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `the container of ${component} on ${node} is gone: it is looked at again`,
    node,
    remedy: 'never',
  });
}
