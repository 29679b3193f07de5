import type { etcdActivities } from '../../activities/steps/etcd.ts';
import type { EtcdRecord } from '../../cluster/observation.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Run } from './calls.ts';
import { allSynced } from './mutants.ts';
import { transferLeadership } from './model/etcd.ts';
import { observeEtcd } from './model/observe.ts';
import type { Simulation } from './simulation.ts';

type EtcdPorts = Parameters<typeof etcdActivities>[0];

/** What the real etcd activities ask for, beside places and fence. Only what they use is there. */
export function modelEtcdPorts(simulation: Simulation, run: Run): Omit<EtcdPorts, 'places' | 'fence'> {
  const { world, calls } = simulation;
  const ports = {
    declarations: {
      get: async (_cluster: string, revision: number) => ({ declaration: world.declarations[revision - 1], revision }),
    },
    credentials: { etcd: async () => ({}) },
    store: {
      records: {
        all: async () => structuredClone(world.records),
        getEtcdRecord: async () => ({
          record: structuredClone(world.records.etcd),
          version: JSON.stringify(world.records.etcd),
        }),
        putEtcdRecord: async (
          _cluster: string,
          record: EtcdRecord,
          { version, epoch }: { version: string; epoch: number },
        ) => {
          if (epoch !== world.epoch || version !== JSON.stringify(world.records.etcd))
            throw new CkeError({ code: 'StoreConflict', message: 'the record has changed', remedy: 'retry' });
          world.records.etcd = structuredClone(record);
          return JSON.stringify(record);
        },
      },
    },
    etcd: {
      observe: async () =>
        simulation.mutant === 'no quorum check' ? allSynced(observeEtcd(world)) : observeEtcd(world),
      moveLeader: ({ to }: { to: string }) =>
        calls.effect({
          what: `move the leadership of etcd to ${to}`,
          run,
          act: () => transferLeadership(world, to),
        }),
      enableAuthentication: () =>
        calls.effect({
          what: 'enable etcd authentication',
          run,
          act: () => {
            world.etcd.authentication = 'enabled';
          },
        }),
    },
  };
  return ports as unknown as Omit<EtcdPorts, 'places' | 'fence'>;
}
