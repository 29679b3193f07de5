import { pluginAuthority } from '../../../cluster/certificates/certificate.ts';
import { openRotations, rotatables, type Rotatable } from '../../../cluster/certificates/trust.ts';
import type { Memory } from '../memory.ts';
import { latest, violate } from '../model/world.ts';
import { crash, finish, settle, startOperation, tick } from '../simulation.ts';
import { modelCampaignActivities } from './activities.ts';
import { createScene, type RotationScene } from './scene.ts';

/** A rotation is turned around at one of the moments that chance comes upon too seldom. */
export interface TurnedAround {
  of: Rotatable;
  while: 'the first new files are on their way' | 'the first new files are there, and the manager dies';
}

/** Webhooks are users' objects, which the model has none of; the plugin is declared in other schedules. */
const shown = rotatables.filter((of) => of !== 'kubernetes-webhook' && of !== pluginAuthority);

export const turnedAround: TurnedAround[] = shown.flatMap((of) => [
  { of, while: 'the first new files are on their way' },
  { of, while: 'the first new files are there, and the manager dies' },
]);

/** Seconds of the model in which it has to be over. */
const longest = 900;

/** Plays it to its end, or to the first broken property. */
export async function playTurnedAround(story: TurnedAround, memory: Memory): Promise<RotationScene> {
  const shape = { controlPlanes: 3, workers: 1, spares: 0, spareMasters: 0 };
  const scene = await createScene({ shape, seed: 1, memory });
  const { simulation, campaigns } = scene;
  const { world } = simulation;
  const deadline = world.now + longest;
  campaigns.start(story.of);
  await settle(simulation);
  for (let turned: 'not yet' | 'back' = 'not yet'; campaigns.open.size > 0 && world.violations.length === 0;) {
    if (world.now > deadline) violate(world, 'P13', `${story.of} is rotated still after ${longest} s`);
    if (simulation.run === undefined) await begin(scene);
    const [next] = simulation.calls.pending;
    const isMoment = turned === 'not yet' && next?.what.startsWith('install the files') && isReissuing(scene);
    const stays = isMoment && story.while === 'the first new files are on their way';
    if (next === undefined) tick(simulation);
    else if (!stays) finish(world, next, 'done');
    await settle(simulation);
    if (!isMoment) continue;
    turned = 'back';
    if (!stays) dieQuietly(scene);
    await turnBack(scene, story.of);
  }
  return scene;
}

async function begin({ simulation }: RotationScene): Promise<void> {
  tick(simulation);
  startOperation(simulation);
  await settle(simulation);
}

const isReissuing = ({ simulation }: RotationScene): boolean =>
  openRotations(latest(simulation.world).trust)[0]?.rotation.stage === 'reissue';

/** Nothing of what the manager had under way is sent. */
function dieQuietly({ simulation }: RotationScene): void {
  crash(simulation);
  for (const call of simulation.calls.pending.filter(({ run }) => run.state === 'dead'))
    finish(simulation.world, call, 'not sent');
}

/** The campaign has the time to look, and to go on, before anything else happens. */
async function turnBack({ simulation, truth }: RotationScene, of: Rotatable): Promise<void> {
  const person = modelCampaignActivities(simulation, truth, { epoch: Infinity, state: 'alive' });
  const said = person.directRotation({ cluster: 'model', of, by: 'ann', without: [], turn: 'back' });
  for (let look = 0; look < 8; look += 1) {
    await settle(simulation);
    for (const call of simulation.calls.pending.filter(({ run }) => run.epoch === Infinity))
      finish(simulation.world, call, 'done');
    if (look > 0) tick(simulation);
  }
  await said;
}
