import type { etcdActivities } from '../../activities/steps/etcd.ts';
import type { ClusterRecords, DrainRecord, EnrolledNode, EtcdRecord } from '../../cluster/observation.ts';
import { putEtcdRecord, violate, type World } from './model/world.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { Run } from './calls.ts';
import { memberOn, transferLeadership } from './model/etcd.ts';
import { lookAtEtcd, modelMemberships } from './membership-ports.ts';
import type { Simulation } from './simulation.ts';

type EtcdPorts = Parameters<typeof etcdActivities>[0];

interface Guard {
  epoch: number;
}

/** What is kept about nodes, fenced as in the management etcd. */
function nodeRecords(world: World) {
  const fenced = ({ epoch }: Guard) => {
    if (epoch !== world.epoch)
      throw new CkeError({ code: 'Fenced', message: `epoch ${epoch} is over`, remedy: 'never' });
  };
  const put = (change: Partial<ClusterRecords>) => {
    world.records = { ...world.records, ...change };
  };
  return {
    enrolNode: async (_cluster: string, name: string, node: EnrolledNode, guard: Guard) => {
      fenced(guard);
      put({ nodes: { ...world.records.nodes, [name]: node } });
    },
    putDrain: async (_cluster: string, name: string, drain: DrainRecord, guard: Guard) => {
      fenced(guard);
      put({ drains: { ...world.records.drains, [name]: drain } });
    },
    removeDrain: async (_cluster: string, name: string, guard: Guard) => {
      fenced(guard);
      put({ drains: without(world.records.drains, name) });
    },
    removeNode: async (_cluster: string, name: string, guard: Guard) => {
      fenced(guard);
      if (memberOn(world, name) !== undefined)
        violate(world, 'W-08', `${name} was cleaned and forgotten while its etcd member is in the list`);
      const { nodes, drains, ownedAttributes, cniConfigurations } = world.records;
      put({
        nodes: without(nodes, name),
        drains: without(drains, name),
        ownedAttributes: without(ownedAttributes, name),
        cniConfigurations: without(cniConfigurations, name),
      });
    },
  };
}

const without = <T>(entries: Record<string, T> = {}, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter(([key]) => key !== name));

/** What the real etcd activities ask for, beside places and fence. Only what they use is there. */
export function modelEtcdPorts(simulation: Simulation, run: Run): Omit<EtcdPorts, 'places' | 'fence'> {
  const { world, calls } = simulation;
  const ports = {
    declarations: {
      get: async (_cluster: string, revision: number) => ({ declaration: world.declarations[revision - 1], revision }),
    },
    credentials: { etcd: async () => ({}), kubernetes: async () => ({}) },
    store: {
      records: {
        ...nodeRecords(world),
        all: async () => world.records,
        getEtcdRecord: async () => ({ record: world.records.etcd, version: String(world.recordVersion) }),
        putEtcdRecord: async (
          _cluster: string,
          record: EtcdRecord,
          { version, epoch }: { version: string; epoch: number },
        ) => {
          if (epoch !== world.epoch || version !== String(world.recordVersion))
            throw new CkeError({ code: 'StoreConflict', message: 'the record has changed', remedy: 'retry' });
          return String(putEtcdRecord(world, record));
        },
      },
    },
    etcd: {
      observe: async () => lookAtEtcd(simulation),
      ...modelMemberships(simulation, run),
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
