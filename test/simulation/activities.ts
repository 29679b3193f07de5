import type { StepActivities } from '../../activities/contracts/steps.ts';
import { containerActivities } from '../../activities/steps/containers.ts';
import { departureActivities } from '../../activities/steps/departure.ts';
import { etcdActivities } from '../../activities/steps/etcd.ts';
import { membershipActivities } from '../../activities/steps/membership/activities.ts';
import type { Run } from './calls.ts';
import { kubernetesActivities, modelKubernetes } from './kubernetes-activities.ts';
import { modelEtcdPorts } from './etcd-ports.ts';
import { takeModelSnapshot } from './membership-ports.ts';
import { modelFence, modelPlaces } from './ports.ts';
import type { Simulation } from './simulation.ts';
import { waitingActivities } from './waiting.ts';
import { hostOf } from './model/world.ts';

/**
 * The activities of one run. Containers and etcd members are handled by the real code over the model's Docker, records and
 * member list, and so are nodes that leave; what only waits, and what the model has no depth for, is the model's own.
 */
export function modelActivities(simulation: Simulation, run: Run): StepActivities {
  const { world, calls } = simulation;
  const places = modelPlaces(simulation, run);
  const fence = modelFence(simulation);
  const pause = (seconds: number) => calls.sleep(seconds);
  const ports = { ...modelEtcdPorts(simulation, run), places, fence, pause };
  const kubernetes = modelKubernetes(simulation, run);
  const look = ({ node }: { node: string }) => calls.read(hostOf(world, node), () => undefined);
  const activities: Partial<StepActivities> = {
    checkNode: look,
    pullImages: look,
    installFiles: async (mandate) => {
      await fence.mayAct(mandate);
      await look(mandate);
    },
    createFileContainer: async (mandate) => {
      const host = hostOf(world, mandate.node);
      await fence.mayAct(mandate);
      await calls.effect({
        what: `prepare ${mandate.node}`,
        run,
        host,
        act: () => {
          host.prepared = 'yes';
        },
      });
    },
    ...containerActivities({ places, fence }),
    ...etcdActivities({ ...ports, recordEncryption: () => Promise.resolve() }),
    ...membershipActivities({ ...ports, snapshotBeforeChange: () => takeModelSnapshot(simulation) }),
    ...departureActivities({ ...ports, kubernetes }),
    ...waitingActivities(simulation, { fence, places }),
    ...kubernetesActivities(simulation, { fence, run }),
    ...simulation.more.activities?.(run),
  };
  return activities as StepActivities;
}
