import { approvalFacts } from '../../../activities/approvals.ts';
import { rotatables } from '../../../cluster/certificates/trust.ts';
import { openRotations } from '../../../cluster/certificates/trust.ts';
import { encryptionProviders } from '../../../cluster/encryption/cipher.ts';
import { exclusionQuestions } from '../../../cluster/encryption/exclusion.ts';
import { CkeError } from '../../../cluster/errors.ts';
import { keepingVoters } from '../acceptance.ts';
import type { EditKind } from '../edits.ts';
import { playEvent } from '../events.ts';
import { harm } from '../faults.ts';
import type { Shape } from '../model/fleet.ts';
import { observe } from '../model/observe.ts';
import { latest, say } from '../model/world.ts';
import { pick } from '../schedules.ts';
import { crash } from '../simulation.ts';
import type { Weather } from '../weathers.ts';
import { modelCampaignActivities } from './activities.ts';
import type { RotationScene } from './scene.ts';

type Kind = 'fleet' | 'harm' | 'rotate' | 'back' | 'leave out' | 'key' | 'provider' | 'crash' | 'sweep';

const rare: Kind[] = ['harm', 'rotate', 'back', 'leave out', 'key', 'provider', 'crash', 'sweep'];

/** Whatever a schedule stresses, most of what happens is that the work goes on. */
const kindsOf = (stressed: Kind[]): Kind[] => {
  const special = [...rare, ...stressed];
  return [...special, ...Array.from({ length: 48 - special.length }, () => 'fleet' as const)];
};

const stresses = [
  kindsOf(['harm', 'harm', 'harm']),
  kindsOf(['crash', 'crash', 'back', 'back']),
  kindsOf(['harm', 'crash', 'key', 'provider']),
  kindsOf(['back', 'sweep', 'rotate']),
  kindsOf([]),
];

const weather = (shares: [Weather['kinds'][number], number][], edits: EditKind[]): Weather => ({
  kinds: shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind)),
  edited: ['kube-api', 'etcd', 'kubelet'],
  edits,
  isAccepted: keepingVoters,
  people: 'are silent',
});

const weathers: Weather[] = [
  weather(
    [
      ['go on', 19],
      ['time', 3],
      ['heal', 1],
      ['blur', 1],
    ],
    [],
  ),
  weather(
    [
      ['go on', 17],
      ['time', 3],
      ['break call', 2],
      ['edit', 1],
      ['heal', 1],
    ],
    ['args', 'label', 'another worker'],
  ),
  weather(
    [
      ['go on', 18],
      ['time', 3],
      ['break call', 1],
      ['edit', 1],
      ['heal', 1],
    ],
    ['swap', 'grow', 'args', 'another worker', 'no worker'],
  ),
];

/** One entry of a schedule: something happens to the fleet, or to what its certificates and keys are to be. */
export async function playRotationEvent(scene: RotationScene, shape: Shape, entry: number): Promise<void> {
  const kind = pick(pick(stresses, scene.weather), entry);
  const choice = Math.floor(entry / 48);
  const { simulation, campaigns } = scene;
  switch (kind) {
    case 'fleet':
      return playEvent({ simulation, shape, weather: pick(weathers, scene.weather) }, choice);
    // Emptied directories are other schedules' matter: nothing converges without a person then.
    case 'harm':
      return harm(simulation.world, choice % 8 === 7 ? choice - 1 : choice);
    case 'rotate':
      return void campaigns.start(pick(rotatables, choice));
    case 'back':
      return turnBack(scene);
    case 'leave out':
      return leaveOut(scene);
    case 'key':
      return void campaigns.start('secrets');
    case 'provider':
      return declareProvider(scene, choice);
    case 'crash':
      campaigns.crash();
      return crash(simulation);
    case 'sweep':
      return askForRenewal(scene);
  }
}

/** A person turns the rotation around that goes on. */
function turnBack({ simulation, truth }: RotationScene): void {
  const { world } = simulation;
  const [open] = openRotations(latest(world).trust);
  if (open === undefined) return;
  say(world, `a person turns the rotation of ${open.of} around`);
  const person = modelCampaignActivities(simulation, truth, { epoch: Infinity, state: 'alive' });
  person
    .directRotation({ cluster: 'model', of: open.of, by: 'ann', without: [], turn: 'back' })
    .catch((error: unknown) => {
      if (!(error instanceof CkeError)) throw error;
    });
}

/** Said yes to: whatever is asked about nodes that can't be seen while the key is changed. */
function leaveOut({ simulation, truth }: RotationScene): void {
  const { world } = simulation;
  const revision = world.declarations.length;
  const now = new Date(world.now * 1000);
  const approvals = approvalFacts(truth.answers, revision, now);
  for (const question of exclusionQuestions({ declaration: latest(world), observation: observe(world), approvals })) {
    say(world, `a person leaves ${question.target} out`);
    world.leftOut.add(question.target);
    const at = now.toISOString();
    const answer = { answer: 'approved' as const, by: 'ann', at };
    const expiresAt = new Date((world.now + 86_400) * 1000).toISOString();
    truth.answers.push({ ...question, requestedBy: 'ann', requestedAt: at, expiresAt, answer });
  }
}

export const vaultForPlugins = { address: 'https://10.0.0.5:8200' };

function declareProvider({ simulation: { world } }: RotationScene, choice: number): void {
  const provider = pick(encryptionProviders, choice);
  if (latest(world).secrets_encryption?.provider === provider) return;
  say(world, `declared: Secrets are encrypted with ${provider}`);
  const secrets_encryption = provider === 'kms' ? { provider, vault: vaultForPlugins } : { provider };
  world.declarations.push({ ...latest(world), secrets_encryption });
}

function askForRenewal({ simulation: { world } }: RotationScene): void {
  const { rotations = [] } = world.records;
  const generation = rotations.length + 2;
  say(world, `all certificates are to be of generation ${generation}`);
  const at = new Date(world.now * 1000).toISOString();
  world.records = {
    ...world.records,
    rotations: [...rotations, { generation, by: 'ann', at, id: String(generation) }],
  };
}
