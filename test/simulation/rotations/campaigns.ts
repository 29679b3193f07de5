import { CkeError } from '../../../cluster/errors.ts';
import type { Rotatable } from '../../../cluster/certificates/trust.ts';
import { lookAtKeyChange } from '../../../workflows/campaigns/key-change-look.ts';
import { lookAtRotation } from '../../../workflows/campaigns/rotation-look.ts';
import type { Run } from '../calls.ts';
import { say } from '../model/world.ts';
import type { Simulation } from '../simulation.ts';
import { modelCampaignActivities, type CampaignActivities } from './activities.ts';
import type { Truth } from './truth.ts';

/** A campaign that goes on: Temporal keeps its place, whatever becomes of the workers. */
export interface Campaign {
  of: Rotatable | 'secrets';
  /** Undefined while no activity is under way. */
  run: Run | undefined;
  /** The worker dies with the attempt that it has under way. */
  crash(): void;
}

export interface Campaigns {
  open: Set<Campaign>;
  /** Undefined when it goes on already, as a workflow with the same id would. */
  start(of: Campaign['of']): Campaign | undefined;
  crash(): void;
}

const pauseSeconds = 2;

/** Tries of an activity before the campaign hears of its failure (workflows/proxies.ts). */
const attempts = 3;

export function createCampaigns(simulation: Simulation, truth: Truth): Campaigns {
  const open = new Set<Campaign>();
  let number = 1;
  return {
    open,
    start: (of) => {
      if ([...open].some((one) => one.of === of)) return undefined;
      const campaign: Campaign = { of, run: undefined, crash: () => undefined };
      open.add(campaign);
      number += 1;
      say(simulation.world, `campaign: ${of}`);
      void run({ simulation, truth, campaign }, number).then((ending) => {
        open.delete(campaign);
        say(simulation.world, `campaign of ${of} ends: ${ending}`);
      });
      return campaign;
    },
    crash: () => {
      for (const campaign of open) campaign.crash();
    },
  };
}

interface Running {
  simulation: Simulation;
  truth: Truth;
  campaign: Campaign;
}

async function run(running: Running, number: number): Promise<string> {
  const { of } = running.campaign;
  try {
    return await (of === 'secrets' ? changeKey(running) : rotate(running, of, `to-${number}`));
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
    return error.message;
  }
}

/** The loop of workflows/rotate-authority.workflow.ts. */
async function rotate(running: Running, of: Rotatable, to: string): Promise<string> {
  const { simulation } = running;
  const activities = durable(running);
  const place = { cluster: 'model', of };
  await untilDone(running, () => activities.beginRotation({ ...place, by: 'ann', without: [], to }));
  for (;;) {
    const seen = await tried(running, () => lookAtRotation(place, { activities, wake: async () => undefined }));
    if (seen?.state === 'over') return 'done';
    for (const because of seen?.missing ?? []) running.truth.told.push(because);
    if (seen?.state !== 'complete') await simulation.calls.sleep(pauseSeconds);
  }
}

/** The loop of workflows/secrets-key.workflow.ts. */
async function changeKey(running: Running): Promise<string> {
  const { simulation, truth } = running;
  const activities = durable(running);
  await untilDone(running, () => activities.beginKeyChange({ cluster: 'model', by: 'ann' }));
  for (let stage = 'adding'; ;) {
    const tell = (next: { stage?: string; because: string }) => {
      stage = next.stage ?? stage;
      truth.told.push(next.because);
    };
    await tried(running, () => lookAtKeyChange('model', { activities, tell, wake: async () => undefined }));
    if (stage === 'done') return stage;
    await simulation.calls.sleep(pauseSeconds);
  }
}

/** A campaign that has not begun ends when it is refused for good. */
async function untilDone<T>(running: Running, act: () => Promise<T>): Promise<void> {
  for (let done = false; !done;) {
    const refused = (error: CkeError) => {
      if (error.complaint.remedy === 'never') throw error;
    };
    done = (await tried(running, async () => (await act(), true), refused)) ?? false;
    if (!done) await running.simulation.calls.sleep(pauseSeconds);
  }
}

/** What fails is said, and tried again at the next look. */
async function tried<T>(
  { truth }: Running,
  act: () => Promise<T>,
  hear: (error: CkeError) => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CkeError)) throw error;
    truth.told.push(error.message);
    hear(error);
    return undefined;
  }
}

/** Activities as Temporal runs them: an attempt that died with its worker is made again with the same input. */
function durable({ simulation, truth, campaign }: Running): CampaignActivities {
  const attempt = async (name: keyof CampaignActivities, input: unknown): Promise<unknown> => {
    const own: Run = { epoch: Infinity, state: 'alive' };
    const activity = modelCampaignActivities(simulation, truth, own)[name] as (given: unknown) => Promise<unknown>;
    truth.told.push(JSON.stringify(input));
    const died = new Promise<'died'>((resolve) => {
      campaign.crash = () => {
        own.state = 'dead';
        resolve('died');
      };
    });
    campaign.run = own;
    const ended = await Promise.race([activity(input).then((value) => ({ value })), died]);
    campaign.run = undefined;
    if (ended === 'died') return attempt(name, input);
    truth.told.push(JSON.stringify(ended.value) ?? '');
    return ended.value;
  };
  const persistent = async (name: keyof CampaignActivities, input: unknown): Promise<unknown> => {
    for (let made = 1; ; made += 1) {
      try {
        return await attempt(name, input);
      } catch (error) {
        const isFinal = !(error instanceof CkeError) || error.complaint.remedy === 'never' || made >= attempts;
        if (isFinal) throw error;
        await simulation.calls.sleep(1);
      }
    }
  };
  return new Proxy({} as CampaignActivities, {
    get: (_none, name) => (input: unknown) => persistent(name as keyof CampaignActivities, input),
  });
}
