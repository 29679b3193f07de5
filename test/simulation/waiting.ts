import type { StepActivities } from '../../activities/contracts/steps.ts';
import type { Fence } from '../../activities/fence.ts';
import type { Places } from '../../activities/steps/places.ts';
import { controlPlaneNames } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { isSynced, memberOn } from './model/etcd.ts';
import { healthOf } from './model/serving.ts';
import { hostOf, putEtcdRecord } from './model/world.ts';
import type { Simulation } from './simulation.ts';

type Waiting = Pick<StepActivities, 'awaitHealthy' | 'awaitMemberSynced' | 'concludeBootstrap'>;

const patienceSeconds = 30;

/** Activities that wait, on the model's clock. */
export function waitingActivities(
  simulation: Simulation,
  { fence, places }: { fence: Fence; places: Places },
): Waiting {
  const { world, calls } = simulation;

  const until = async (ask: () => Promise<string | undefined>, who: string): Promise<void> => {
    const deadline = world.now + patienceSeconds;
    for (;;) {
      const because = await ask();
      if (because === undefined) return;
      if (world.now >= deadline) throw failure('NotHealthy', `${who} does not serve: ${because}`);
      await calls.sleep(1);
    }
  };

  return {
    awaitHealthy: async ({ node, component }) => {
      const host = hostOf(world, node);
      await until(
        () =>
          calls.read(host, () => {
            const container = host.containers.get(component);
            const health = healthOf(world, host, component);
            if (container !== undefined && (container.restarts >= 3 || container.state === 'exited'))
              throw failure('CrashLoop', `${component} on ${node} keeps dying; it says: ${container.log.at(-1)}`);
            return health.state === 'healthy' ? undefined : health.because;
          }),
        `${component} on ${node}`,
      );
    },

    awaitMemberSynced: async ({ node }) => {
      const host = hostOf(world, node);
      await until(
        () => calls.read(host, () => (isSynced(world, node) ? undefined : 'it is not in sync')),
        `the etcd member on ${node}`,
      );
    },

    concludeBootstrap: async (mandate) => {
      const declaration = world.declarations[mandate.revision - 1];
      const names = controlPlaneNames(declaration ?? { nodes: [] });
      await until(async () => {
        const sick = names.filter((name) => !isSynced(world, name));
        return sick.length === 0 ? undefined : `${sick.join(', ')} not in sync`;
      }, 'etcd');
      await places.at({ ...mandate, node: names[0] ?? '' });
      await fence.mayAct(mandate);
      const { etcd } = world.records;
      if (etcd.state !== 'started') return;
      const memberships = Object.fromEntries(
        Object.entries(etcd.memberships).map(([name, membership]) => {
          const memberId = memberOn(world, name)?.memberId;
          return [name, { ...membership, state: 'settled' as const, ...(memberId !== undefined && { memberId }) }];
        }),
      );
      putEtcdRecord(world, { ...etcd, state: 'done', memberships });
    },
  };
}

function failure(code: 'CrashLoop' | 'NotHealthy', message: string): CkeError {
  return new CkeError({ code, message, remedy: 'never' });
}
