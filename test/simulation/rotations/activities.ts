import type { EncryptionActivities, RotationActivities } from '../../../activities/contracts/campaigns.ts';
import type { StepActivities } from '../../../activities/contracts/steps.ts';
import { keyChangeActivities } from '../../../activities/encryption/key-change.ts';
import { rotationActivities } from '../../../activities/rotations.ts';
import { nodeFileActivities } from '../../../activities/steps/node-files.ts';
import type { Run } from '../calls.ts';
import { observe } from '../model/observe.ts';
import { hostOf } from '../model/world.ts';
import { modelFence, modelPlaces } from '../ports.ts';
import type { Simulation } from '../simulation.ts';
import { modelDeclarations, modelStore } from './records.ts';
import { modelEtcdKeys, modelKubernetesOfCampaigns } from './secrets.ts';
import type { Truth } from './truth.ts';
import { modelVault } from './vault.ts';

export type CampaignActivities = RotationActivities & EncryptionActivities;

/** The real activities of campaigns over the model's Vault, records and API servers. */
export function modelCampaignActivities(simulation: Simulation, truth: Truth, run: Run): CampaignActivities {
  const { world } = simulation;
  const pair = { ca: '', certificate: '', privateKey: '' };
  const ports = {
    store: modelStore(simulation, truth, run),
    declarations: modelDeclarations(simulation),
    look: async () => observe(world, simulation.blurs),
    now: () => new Date(world.now * 1000),
    vault: modelVault(simulation, truth, run),
    kubernetes: modelKubernetesOfCampaigns(simulation, truth, run),
    etcd: modelEtcdKeys(simulation, truth),
    credentials: { etcd: async () => pair, kubernetes: async () => pair },
  };
  return { ...rotationActivities(ports), ...keyChangeActivities(ports) };
}

/** File sets with contents: the real activity that fills and installs them, and a reload that is seen at once. */
export function fileActivities(simulation: Simulation, truth: Truth, run: Run): Partial<StepActivities> {
  const { world, calls } = simulation;
  const [places, fence] = [modelPlaces(simulation, run), modelFence(simulation)];
  const ports = { places, fence, vault: modelVault(simulation, truth, run), store: modelStore(simulation, truth, run) };
  const { installFiles } = nodeFileActivities(ports);
  return {
    installFiles,
    awaitCertificates: async (mandate) => {
      const { node, component, containerId } = mandate;
      const host = hostOf(world, node);
      const certificates = await calls.read(host, () => host.fileSets.get(component)?.certificates ?? []);
      if (host.containers.get(component)?.id !== containerId) return;
      await fence.mayAct(mandate);
      const { takenUp = {} } = world.records;
      const taken = { ...takenUp[component], [node]: { containerId, certificates } };
      world.records = { ...world.records, takenUp: { ...takenUp, [component]: taken } };
    },
  };
}
