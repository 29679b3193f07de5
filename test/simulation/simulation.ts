import { createSteadiness, type Steadiness } from '../../activities/etcd/steadiness.ts';
import { approvalFacts, leftOver } from '../../activities/approvals.ts';
import { decide } from '../../cluster/decide/decide.ts';
import type { StepActivities } from '../../activities/contracts/steps.ts';
import type { ApprovalFacts } from '../../cluster/approval.ts';
import type { SetAside } from '../../cluster/decide/facts.ts';
import type { Observation } from '../../cluster/observation.ts';
import type { Plan } from '../../cluster/plan.ts';
import { createCalls, type Call, type Calls, type Decision, type Run } from './calls.ts';
import type { Memory } from './memory.ts';
import { approvedIn, ask, spend, timeIn } from './model/approvals.ts';
import { tickEngine } from './model/engine.ts';
import { tickEtcd } from './model/etcd.ts';
import { tickKubernetes } from './model/kubernetes.ts';
import { observe, type Blur } from './model/observe.ts';
import { latest, say, violate, type World } from './model/world.ts';
import { operate, type Report } from './operation.ts';
import { pick } from './schedules.ts';
import { checkPlan } from './plan-properties.ts';
import { afterEvent, afterLook, createWatch, type Watch } from './properties.ts';

export interface Simulation {
  world: World;
  memory: Memory;
  watch: Watch;
  calls: Calls;
  /** For how long members have been as they are: forgotten when the manager dies. */
  steadiness: Steadiness;
  /** What the next look can't see. */
  blurs: Blur[];
  /** The operation that runs, if any. */
  run: Run | undefined;
  lastReport: (Report & { at: number }) | undefined;
  /** What a schedule of its own kind adds. */
  more: Additions;
  decide(round: Round): { plan: Plan; decision: Decision };
  /** A new operation takes the next epoch. */
  takeOver(): number;
}

/** What an operation has learnt in the rounds before. */
interface Round {
  setAside: SetAside[];
  /** Approvals that have served their purpose. */
  spent: string[];
}

export interface Additions {
  /** Activities in place of the model's usual ones. */
  activities?: (run: Run) => Partial<StepActivities>;
  /** Properties that must hold after every event. */
  check?: () => void;
  approvals?: () => ApprovalFacts;
  /** Told the input of each activity, as it would stand in a history. */
  asked?: (input: unknown) => void;
  /** Told each plan. */
  planned?: (plan: Plan) => void;
}

interface Setting {
  world: World;
  memory: Memory;
}

export function createSimulation({ world, memory }: Setting): Simulation {
  const calls = createCalls(world);
  const simulation: Simulation = {
    world,
    memory,
    watch: createWatch(),
    calls,
    steadiness: createSteadiness(() => world.now * 1000),
    blurs: [],
    run: undefined,
    lastReport: undefined,
    more: {},
    decide: ({ setAside, spent }) => {
      spend(world, spent);
      const seen = observe(world, simulation.blurs);
      const observation = { ...seen, etcd: simulation.steadiness.note('model', seen.etcd) };
      simulation.blurs = [];
      afterLook(simulation, seenNodes(observation));
      const { compare, readImage } = memory;
      const decision = decisionOf(world);
      const { declaration, revision } = decision;
      const approvals = simulation.more.approvals?.() ?? approvalFacts(world.approvals, revision, timeIn(world));
      const plan = decide({ declaration, observation, setAside, approvals, compare, readImage });
      spend(world, leftOver(world.approvals, plan, timeIn(world)));
      ask(world, plan.pending ?? []);
      checkPlan({ world, memory, plan, observation });
      simulation.more.planned?.(plan);
      return { plan, decision };
    },
    takeOver: () => {
      settleDeadRuns(simulation);
      simulation.watch.disturbed.clear();
      world.epoch += 1;
      return world.epoch;
    },
  };
  return simulation;
}

function decisionOf(world: World): Decision {
  const powered = [...world.hosts.values()].filter(({ power }) => power === 'on').map(({ name }) => name);
  return {
    declaration: latest(world),
    revision: world.declarations.length,
    approved: approvedIn(world),
    powered: new Set(powered),
  };
}

function seenNodes({ nodes }: Observation): string[] {
  return Object.entries(nodes).flatMap(([name, { state }]) => (state === 'observed' ? [name] : []));
}

/**
 * What a dead run had sent reaches its goal now or never: nothing is on its way for longer than a takeover lasts (E-04). Where the
 * answer arrives the activity was only frozen, and goes on as if nothing had happened.
 */
function settleDeadRuns({ world, calls }: Simulation): void {
  for (const call of calls.pending.filter(({ run }) => run.state === 'dead'))
    finish(world, call, pick(['done', 'answer lost', 'not sent'], Math.floor(world.random() * 3)));
}

export function finish(world: World, call: Call, ending: Parameters<Call['end']>[0]): void {
  const late = call.run.state === 'dead' ? ' (late)' : '';
  say(world, `${call.what}${ending === 'done' ? '' : `: ${ending}`}${late}`);
  call.end(ending);
}

export function startOperation(simulation: Simulation): void {
  if (simulation.run !== undefined) return;
  const run: Run = { epoch: 0, state: 'alive' };
  simulation.run = run;
  void operate(simulation, run).then(
    (report) => {
      if (run.state === 'dead') return;
      simulation.run = undefined;
      simulation.lastReport = { ...report, at: simulation.world.now };
      say(simulation.world, `operation ${run.epoch} ends: ${report.outcome}`);
    },
    (error: unknown) => violate(simulation.world, 'no exception', String(error instanceof Error ? error.stack : error)),
  );
}

/** The manager dies: what it had asked for may happen yet. */
export function crash(simulation: Simulation): void {
  if (simulation.run === undefined) return;
  say(simulation.world, `the manager dies in operation ${simulation.run.epoch}`);
  simulation.run.state = 'dead';
  simulation.steadiness = createSteadiness(() => simulation.world.now * 1000);
  simulation.run = undefined;
}

export function tick(simulation: Simulation, seconds = 1): void {
  const { world, calls } = simulation;
  for (let second = 0; second < seconds; second += 1) {
    world.now += 1;
    for (const host of world.hosts.values()) if (host.power === 'on') tickEngine(world, host);
    tickEtcd(world);
    tickKubernetes(world);
    afterEvent(world, simulation.watch);
    simulation.more.check?.();
    calls.wakeUp();
  }
}

/** Lets everything that follows from an event without further delay happen: a tick comes when no promise is left to be continued. */
export async function settle({ world, watch, more }: Simulation): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve));
  afterEvent(world, watch);
  more.check?.();
}
