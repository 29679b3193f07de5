import { setTimeout as sleep } from 'node:timers/promises';
import type { Alarms } from './alarms.ts';
import type { WatchBegun } from './contracts/operations.ts';
import type { ContainerEvent } from './node/container-events.ts';
import type { NodeDocker } from './node/docker.ts';
import { fileContainerName } from './node/our-names.ts';
import { damagedCode } from './node/publish-script.ts';

export interface FollowNode {
  node: string;
  docker: Pick<NodeDocker, 'events'>;
  alarms: Alarms;
  begun: WatchBegun;
  signal: AbortSignal;
  /** How long after a lost connection to the node its events are asked for again. */
  reconnectMilliseconds?: number;
}

/** Rings when one of our containers on a node has died or was removed, and whenever the node stops answering or answers again. */
export async function followNode(input: FollowNode): Promise<void> {
  const { node, docker, alarms, begun, signal, reconnectMilliseconds = 2_000 } = input;
  let last: 'not asked yet' | 'answers' | 'silent' = 'not asked yet';
  while (!signal.aborted) {
    try {
      await docker.events({
        signal,
        onOpen: () => {
          if (last === 'silent') alarms.ring({ key: node, because: `${node} answers again` });
          else if (begun === 'again') alarms.ring({ key: 'watch', because: 'the watch of the nodes was interrupted' });
          last = 'answers';
        },
        onEvent: (event) => tell({ node, alarms, event }),
      });
    } catch {
      if (last !== 'silent') alarms.ring({ key: node, because: `${node} stopped answering` });
      last = 'silent';
    }
    await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

interface Tell {
  node: string;
  alarms: Alarms;
  event: ContainerEvent;
}

function tell({ node, alarms, event: { action, container, exitCode } }: Tell): void {
  const key = `${container} on ${node}`;
  if (action === 'start') alarms.started(key);
  if (action !== 'die' && action !== 'destroy') return;
  if (container === fileContainerName && action === 'die') {
    // It ends whenever files were published or checked: news only when they are not as they were installed.
    if (exitCode === damagedCode) alarms.ring({ key, because: `files on ${node} are damaged` });
    return;
  }
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const what = action === 'die' ? `died${code}` : 'was removed';
  alarms.ring({ key, because: `${key} ${what}` });
}
