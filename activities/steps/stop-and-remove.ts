import type { Mandate } from '../contracts/mandates.ts';
import type { Fence } from '../fence.ts';
import type { NodeDocker } from '../node/docker.ts';

interface StopAndRemove {
  docker: Pick<NodeDocker, 'stop' | 'remove'>;
  fence: Fence;
  mandate: Mandate;
  containerId: string;
  /** Grace before it is killed. */
  seconds: number;
}

/** The fence is asked before each of the two calls: while a container stops, another operation may have begun (E-02). */
export async function stopAndRemove({ docker, fence, mandate, containerId, seconds }: StopAndRemove): Promise<void> {
  await fence.mayAct(mandate);
  await docker.stop(containerId, seconds);
  await fence.mayAct(mandate);
  await docker.remove(containerId);
}
