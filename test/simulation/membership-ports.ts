import { memberships, type Memberships } from '../../activities/etcd/members.ts';
import { hasQuorum } from './model/etcd.ts';
import { addLearner, promote, remove } from './model/membership.ts';
import { observeEtcd } from './model/observe.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { EtcdMember, EtcdObservation } from '../../cluster/observation.ts';
import { mayLeaveEtcd } from './approval-properties.ts';
import type { Run } from './calls.ts';
import { violate } from './model/world.ts';
import type { Simulation } from './simulation.ts';

/** Changes of the member list: the real code, with its rules, over gateways that change the model's list. */
export function modelMemberships(simulation: Simulation, run: Run): Memberships {
  const { world, calls, watch } = simulation;
  /** The rules were checked on facts of this very moment: nothing has happened between them and the call. */
  const change = <T>(what: string, act: () => T) => {
    if (!hasQuorum(world)) violate(world, 'I-01', `to ${what} was asked of an etcd without a quorum`);
    return calls.effect({ what, run, act, delay: 'none' });
  };
  const safely = <T>(what: string, act: () => T) => {
    if (watch.snapshot === 'none') violate(world, 'snapshot', `to ${what} was asked, and no snapshot was taken before`);
    watch.snapshot = 'none';
    return change(what, act);
  };
  const gateway = {
    addLearner: (url: string) => {
      const host = [...world.hosts.values()].find(({ address }) => url === `https://${address}:2380`);
      return safely(`add an etcd learner on ${host?.name}`, () => addLearner(world, host?.name ?? ''));
    },
    promote: (id: string) => change(`promote etcd member ${id}`, () => promote(world, id)),
    remove: (id: string) =>
      safely(`remove etcd member ${id}`, () => {
        mayLeaveEtcd({ world, decision: run.decision }, id);
        remove(world, id);
      }),
  };
  type Ports = Parameters<typeof memberships>[0];
  const ports = {
    facts: async () => factsOf(lookAtEtcd(simulation)),
    gatewayOf: (_reach: unknown, _member: EtcdMember) => gateway,
    syncedGateway: () => gateway,
  } as unknown as Ports;
  return memberships(ports);
}

/** A snapshot before members are changed. */
export async function takeModelSnapshot({ world, watch }: Simulation): Promise<void> {
  if (!hasQuorum(world)) throw unavailable('no member is in sync');
  watch.snapshot = 'taken';
}

/** With the time for which each member has been as it is: the memory of one manager's process. */
export function lookAtEtcd({ world, steadiness }: Simulation): EtcdObservation {
  return steadiness.note('model', observeEtcd(world));
}

function factsOf(etcd: EtcdObservation) {
  if (etcd.state === 'unobservable') throw unavailable(etcd.because);
  return etcd;
}

function unavailable(because: string): CkeError {
  return new CkeError({ code: 'EtcdUnavailable', message: `etcd can't be observed: ${because}`, remedy: 'retry' });
}
