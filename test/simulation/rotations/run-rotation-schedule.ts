import { rotatables } from '../../../cluster/certificates/trust.ts';
import { kmsServerCipher } from '../../../cluster/encryption/cipher.ts';
import { ciphersOf } from '../../../cluster/encryption/key-change.ts';
import { endFaults } from '../events.ts';
import { lostMembers } from '../faults.ts';
import type { Memory } from '../memory.ts';
import type { Shape } from '../model/fleet.ts';
import { latest, seeded, violate, type World } from '../model/world.ts';
import { whyNotConverged } from '../plan-properties.ts';
import type { Played } from '../run-schedule.ts';
import { pick } from '../schedules.ts';
import { finish, settle, startOperation, tick } from '../simulation.ts';
import { whyOldKeysRemain } from './decryption.ts';
import { playRotationEvent, vaultForPlugins } from './events.ts';
import { createScene, type RotationScene } from './scene.ts';
import { checkSecrecy } from './secrecy.ts';
import { whyOldIssuersRemain } from './trust.ts';

const shapes: Shape[] = [
  { controlPlanes: 3, workers: 1, spares: 1, spareMasters: 1 },
  { controlPlanes: 1, workers: 1, spares: 1, spareMasters: 2 },
  { controlPlanes: 3, workers: 0, spares: 1, spareMasters: 2 },
];

/** Seconds of the model within which all that was begun has to be over once faults have ended. */
const convergesWithin = 900;

/** How many different entries there are: a kind, and a choice for it, which may be an entry of an ordinary schedule. */
const entries = 48 * 24 * 4096;

export function rotationScheduleOf(seed: number, length: number): number[] {
  const random = seeded(seed);
  return [seed, ...Array.from({ length }, () => Math.floor(random() * entries))];
}

interface Play {
  schedule: readonly number[];
  memory: Memory;
}

/** Plays one schedule of faults and of people while CAs and keys are rotated, then lets the faults end and waits for the end of it all. */
export async function runRotationSchedule({ schedule, memory }: Play): Promise<Played> {
  const [first = 0, ...rest] = schedule;
  const shape = pick(shapes, first);
  const scene = await createScene({ shape, seed: first, memory });
  const { world } = scene.simulation;
  await new Promise((resolve) => setImmediate(resolve));
  scene.campaigns.start(pick([...rotatables, 'secrets', 'secrets', 'secrets'], first));
  for (const entry of rest) {
    await playRotationEvent(scene, shape, entry);
    await settle(scene.simulation);
    if (world.violations.length > 0) break;
  }
  if (world.violations.length === 0) await converge(scene);
  checkSecrecy(scene);
  return { violations: world.violations, trace: world.trace, seconds: world.now };
}

async function converge(scene: RotationScene): Promise<void> {
  const { simulation, campaigns } = scene;
  const { world, memory } = simulation;
  endFaults(simulation);
  // Nobody brings back the data of a member: what waits for it waits for ever.
  if (lostMembers(world).length > 0) return;
  const deadline = world.now + convergesWithin;
  while (campaigns.open.size > 0 || whyNotConverged(world, memory) !== undefined || simulation.run !== undefined) {
    keepPlugin(world);
    if (simulation.run === undefined) {
      tick(simulation);
      startOperation(simulation);
      await settle(simulation);
    }
    const [call] = simulation.calls.pending;
    if (call) finish(world, call, 'done');
    else tick(simulation);
    await settle(simulation);
    if (world.violations.length > 0) return;
    if (world.now > deadline)
      return violate(world, 'P13', `not in order ${convergesWithin} s after the last fault: ${whyNot(scene)}`);
  }
  const old = whyOldIssuersRemain(world) ?? whyOldKeysRemain(world, scene.truth);
  if (old !== undefined) violate(world, 'C-01', `all is over, and ${old}`);
}

/** Where the plugin is needed still it is declared again, as its blocker says. */
function keepPlugin(world: World): void {
  const { encryption } = world.records;
  if (latest(world).secrets_encryption?.provider === 'kms') return;
  if (encryption === undefined || !ciphersOf(encryption).includes(kmsServerCipher)) return;
  world.declarations.push({ ...latest(world), secrets_encryption: { provider: 'kms', vault: vaultForPlugins } });
}

function whyNot({ campaigns, simulation, truth }: RotationScene): string {
  const open = [...campaigns.open].map(({ of }) => of).join();
  const { world, memory, lastReport } = simulation;
  const told = [...(lastReport?.blockers ?? []), ...(lastReport?.waits ?? [])].map(({ because }) => because);
  return `${open}: ${truth.told.at(-1)}; ${whyNotConverged(world, memory)}; ${told.join('; ')}`;
}
