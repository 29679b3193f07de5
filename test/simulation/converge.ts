import { mayRemoveFailedVoter } from '../../cluster/etcd/removal.ts';
import { approveAll, declareAnew, rejections } from './answers.ts';
import { endFaults } from './events.ts';
import { lacksLeavingVoter, lostMembers } from './faults.ts';
import { isMemberUp, memberOn } from './model/etcd.ts';
import { observe } from './model/observe.ts';
import { say, violate } from './model/world.ts';
import { whyNodesRemain, whyNotConverged, whyRestDiffers } from './plan-properties.ts';
import { finish, settle, startOperation, tick, type Simulation } from './simulation.ts';
import { asAdvised } from './upgrade-edits.ts';
import type { People } from './weathers.ts';

/** Seconds of the model, once faults have ended, within which everything has to be in order again. */
const convergesWithin = 600;

/** The faults end, and everything comes in order; where a person has said no, everything else does, until the declaration asks anew. */
export async function converge(simulation: Simulation, people: People): Promise<void> {
  const { world } = simulation;
  endFaults(simulation);
  await comeToRest(simulation, people);
  if (world.violations.length > 0) return;
  if (lacksLeavingVoter(world) && simulation.lastReport?.outcome === 'blocked') return;
  if (followsAdvice(simulation)) await comeToRest(simulation, people);
  if (rejections(world).length > 0) {
    checkRest(simulation);
    declareAnew(world);
    await comeToRest(simulation, people);
  }
  if (world.violations.length === 0) checkEnd(simulation);
}

/** Two minors can be declared while the first steps of the one before are on their way: then the one between has to be declared again. */
function followsAdvice({ world, lastReport }: Simulation): boolean {
  const advised = lastReport?.blockers.map(({ because }) => asAdvised(world, because)).find((one) => one !== undefined);
  if (advised === undefined) return false;
  world.declarations.push(advised);
  say(world, `the declaration changes as advised: Kubernetes ${advised.kubernetes_version}`);
  return true;
}

async function comeToRest(simulation: Simulation, people: People): Promise<void> {
  const { world } = simulation;
  const deadline = world.now + convergesWithin;
  // What began under faults may report of them: only what began after them counts.
  for (let fresh = simulation.run === undefined; ; fresh = true) {
    // An election that was under way takes a moment.
    if (fresh) tick(simulation, 5);
    const finished = await operateFairly(simulation, deadline);
    if (world.violations.length > 0) return;
    if (!finished)
      return violate(world, 'P13', `not in order ${convergesWithin} s after the last fault: ${whyNot(simulation)}`);
    if (fresh && isAtRest(simulation, people)) return;
    if (people === 'say yes in the end') approveAll(world);
  }
}

/** What somebody has refused is told, and holds up nothing that has to do with it in no way. */
function checkRest(simulation: Simulation): void {
  const { world, memory, lastReport } = simulation;
  const told = lastReport?.blockers.some(({ gate }) => gate === 'approval-rejected');
  const lack = whyRestDiffers(world, memory);
  if (lack !== undefined)
    violate(world, 'P11', `a rejection holds up more than what it is about: ${lack}; ${whyNot(simulation)}`);
  if (!told && lastReport?.outcome !== 'converged')
    violate(world, 'P16', `something is rejected, and nobody is told: ${whyNot(simulation)}`);
}

/** One operation from beginning to end, every call answered in its turn; false when time has run out. */
async function operateFairly(simulation: Simulation, deadline: number): Promise<boolean> {
  const { world, calls } = simulation;
  startOperation(simulation);
  await settle(simulation);
  while (simulation.run !== undefined) {
    const [call] = calls.pending;
    if (call) finish(world, call, 'done');
    else tick(simulation);
    await settle(simulation);
    if (world.now > deadline || world.violations.length > 0) return false;
  }
  return world.now <= deadline;
}

/** P14: nothing was done, and nothing is expected to change by itself. A member whose data are gone may be tried in vain. */
function isAtRest(simulation: Simulation, people: People): boolean {
  const { lastReport, world } = simulation;
  if (lastReport === undefined || lastReport.done.length > 0) return false;
  if (people === 'say yes in the end' && lastReport.pending !== undefined) return false;
  // It is given ten seconds to come back (I-09).
  const lost = lostMembers(world);
  if (lost.some((name) => mayBeMadeAnew(simulation, name))) return false;
  if (lastReport.outcome === 'failed') return lost.length > 0;
  return lastReport.outcome === 'converged' || lastReport.outcome === 'blocked';
}

function whyNot({ world, memory, lastReport }: Simulation): string {
  const told = lastReport && [
    ...lastReport.blockers.map(({ because }) => because),
    ...lastReport.waits.map(({ on, because }) => `${on}: ${because}`),
  ];
  return `${whyNotConverged(world, memory) ?? 'in truth it is'}; the last operation ended ${lastReport?.outcome}: ${told?.join('; ')}`;
}

/** After the faults: converged, or blocked by nothing but etcd members whose data are gone. */
function checkEnd(simulation: Simulation): void {
  const { world, lastReport, memory } = simulation;
  const lost = lostMembers(world);
  if (lost.length === 0 && lastReport?.outcome !== 'converged')
    return violate(world, 'P16', `nothing is broken any more, and the operation ends ${whyNot(simulation)}`);
  if (lost.length === 0) {
    const lack = whyNotConverged(world, memory) ?? whyNodesRemain(world);
    if (lack !== undefined) violate(world, 'converged', `it is reported, and ${lack}`);
    return;
  }
  if (lastReport?.outcome === 'converged' && lost.some((name) => !isMemberUp(world, name)))
    violate(world, 'W-05', `the data of ${lost.join(', ')} are gone, and all is called well`);
  for (const name of lost)
    if (!isMemberUp(world, name) && !lastReport?.blockers.some(({ gate, node }) => node === name && gate === 'W-05'))
      violate(world, 'W-05', `the data of ${name} are gone, and nobody is told: ${whyNot(simulation)}`);
  say(world, `at rest without the data of ${lost.join(', ')}`);
}

/** Whether nothing but a person stands in the way of another member in the place of one without data. */
function mayBeMadeAnew({ world, lastReport }: Simulation, name: string): boolean {
  const { etcd } = observe(world);
  const member = memberOn(world, name);
  if (etcd.state !== 'observed' || member === undefined || isMemberUp(world, name)) return false;
  if (lastReport?.pending !== undefined || rejections(world).length > 0) return false;
  const failed = { memberId: member.memberId, cause: 'directory-lost' as const, failedSeconds: 60, graceSeconds: 10 };
  return mayRemoveFailedVoter({ etcd, ...failed }).kind === 'allowed';
}
