import { approvalFacts } from '../../../activities/approvals.ts';
import { containerLabels } from '../../../activities/labels.ts';
import { filesDigest, renderFiles } from '../../../activities/render-files.ts';
import { componentsOf } from '../../../cluster/components/component-spec.ts';
import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import { wantedSpec } from '../../../cluster/decide/wanted-spec.ts';
import type { Memory } from '../memory.ts';
import { convergedWorld } from '../model/birth.ts';
import { readSet } from '../model/file-sets.ts';
import type { Shape } from '../model/fleet.ts';
import { hostOf, latest } from '../model/world.ts';
import { createSimulation, type Simulation } from '../simulation.ts';
import { fileActivities } from './activities.ts';
import { createCampaigns, type Campaigns } from './campaigns.ts';
import { checkDecryption } from './decryption.ts';
import { live } from './life.ts';
import { freshTruth, firstKey, type Truth } from './truth.ts';
import { checkTrust } from './trust.ts';
import { modelVault } from './vault.ts';

/** A fleet whose files have contents, and the campaigns that change what is in them. */
export interface RotationScene {
  simulation: Simulation;
  truth: Truth;
  campaigns: Campaigns;
  /** By which faults and edits are chosen. */
  weather: number;
}

/** Hours for which the old key verifies tokens beside the new one: 72 s, and tokens are used for 60. */
const overlapHours = 0.02;

export async function createScene(input: { shape: Shape; seed: number; memory: Memory }): Promise<RotationScene> {
  const world = convergedWorld(input);
  world.declarations = [asDeclared(latest(world))];
  world.records = { ...world.records, encryption: { generation: 1, settled: [`secretbox ${firstKey}`] } };
  world.files = 'looked into';
  const simulation = createSimulation({ world, memory: input.memory });
  const truth = freshTruth(world.now);
  await furnish(simulation, truth);
  simulation.more = {
    activities: (run) => fileActivities(simulation, truth, run),
    approvals: () => approvalFacts(truth.answers, world.declarations.length, new Date(world.now * 1000)),
    asked: (activity) => truth.told.push(JSON.stringify(activity)),
    planned: (plan) => truth.told.push(JSON.stringify(plan)),
    check: () => {
      for (; truth.livedUntil < world.now; truth.livedUntil += 1) live(world, truth);
      checkDecryption(world, truth);
      checkTrust(world, truth);
    },
  };
  return { simulation, truth, campaigns: createCampaigns(simulation, truth), weather: input.seed };
}

const declared = new WeakMap<Declaration, Declaration>();

/** One object for each declaration: what is remembered of specs goes by it. */
function asDeclared(declaration: Declaration): Declaration {
  const known = declared.get(declaration) ?? {
    ...declaration,
    ca_rotation: { ...declaration.ca_rotation, token_overlap_hours: overlapHours },
  };
  declared.set(declaration, known);
  return known;
}

/** Every container gets the files that it would have been started with, and says so on its label. */
async function furnish(simulation: Simulation, truth: Truth): Promise<void> {
  const { world, memory } = simulation;
  const vault = modelVault(simulation, truth, { epoch: 1, state: 'alive' });
  const declaration = latest(world);
  for (const node of declaration.nodes)
    for (const component of componentsOf(declaration, node)) {
      const wanted = wantedSpec({ declaration, observation: world, node }, component);
      const container = hostOf(world, node.name).containers.get(component);
      if (wanted === undefined || container === undefined) continue;
      const spec = memory.specOf(wanted);
      const rendered = await renderFiles({ cluster: declaration.name, node: node.name, spec, vault, rotations: [] });
      const manifest = { digest: filesDigest(spec), certificates: rendered.certificates };
      const by = { cluster: declaration.name, epoch: 1 };
      const set = readSet({ component, root: spec.root, files: rendered.files, manifest, by });
      hostOf(world, node.name).fileSets.set(component, set);
      const labels = containerLabels({ mandate: { ...by, revision: 1 }, spec, certificates: rendered.certificates });
      Object.assign(container, { loaded: set, spec: memory.textOf(wanted), labels });
    }
}
