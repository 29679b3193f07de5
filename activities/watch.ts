import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Declaration, NodeDeclaration } from '../cluster/declaration/declaration.ts';
import { departedNodes } from '../cluster/declaration/enrolled.ts';
import type { WatchActivities } from './contracts.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import { createAlarms, type Alarms } from './alarms.ts';
import type { Nodes } from './node/nodes.ts';
import { fileContainerName } from './node/our-names.ts';
import { damagedCode } from './node/publish-script.ts';
import { nodeTarget } from './node/target.ts';
import type { Store } from './store/store.ts';

/** How long after a lost connection to a node its events are asked for again. */
const reconnectMilliseconds = 2_000;

interface WatchPorts {
  store: Pick<Store, 'watch' | 'records'>;
  declarations: AcceptedDeclarations;
  nodes: Nodes;
  /** Signals the cluster's entity. */
  wake: (cluster: string, because: string) => Promise<void>;
}

/** Follows what people change and what happens to our containers, and wakes the entity: nobody waits for the next interval. */
export function watchActivities({ store, declarations, nodes, wake }: WatchPorts): WatchActivities {
  return {
    async watchCluster({ cluster }) {
      const { cancellationSignal: signal, info } = Context.current();
      const alarms = createAlarms((because) => void wake(cluster, because).catch(() => undefined));
      // Of what happened between the death of the worker that watched before and now nobody was told.
      const begun = info.attempt > 1 ? 'again' : 'at first';
      const follow = followNodes({ nodes, signal, alarms, begun });
      const refresh = async () => {
        try {
          const { declaration } = await declarations.get(cluster, 'latest');
          const { nodes: onRecord } = await store.records.all(cluster);
          follow(declaration, [...declaration.nodes, ...departedNodes(declaration, onRecord)]);
        } catch {
          // Nothing is declared yet, or the management etcd is away: its watch tells when it is back.
        }
      };
      await refresh();
      await store.watch({
        cluster,
        signal,
        onChange: ({ because }) => {
          alarms.ring({ key: because, because });
          void refresh();
        },
      });
    },
  };
}

interface FollowInput {
  nodes: Nodes;
  signal: AbortSignal;
  alarms: Alarms;
  begun: 'at first' | 'again';
}

type Follow = (declaration: Declaration, all: readonly NodeDeclaration[]) => void;

/**
 * Keeps one stream of Docker events per node; returns what is to be called with each new declaration. Nodes that have left and could
 * not be cleaned are among them: they are cleaned when they answer again.
 */
function followNodes({ signal, ...input }: FollowInput): Follow {
  const followed = new Map<string, AbortController>();
  return (declaration, all) => {
    const names = new Set(all.map(({ name }) => name));
    for (const [name, controller] of followed) {
      if (names.has(name)) continue;
      controller.abort();
      followed.delete(name);
    }
    for (const node of all) {
      if (followed.has(node.name)) continue;
      const own = new AbortController();
      followed.set(node.name, own);
      void followNode({ ...input, declaration, node, signal: AbortSignal.any([signal, own.signal]) });
    }
  };
}

interface FollowNode extends FollowInput {
  declaration: Declaration;
  node: NodeDeclaration;
}

async function followNode({ nodes, declaration, node, signal, alarms, begun }: FollowNode): Promise<void> {
  for (let interrupted = 0; !signal.aborted; interrupted += 1) {
    try {
      await nodes.docker(nodeTarget(declaration, node)).events({
        signal,
        onOpen: () => {
          if (interrupted > 0) alarms.ring({ key: node.name, because: `${node.name} answers again` });
          else if (begun === 'again') alarms.ring({ key: 'watch', because: 'the watch of the nodes was interrupted' });
        },
        onEvent: ({ action, container, exitCode }) => {
          const key = `${container} on ${node.name}`;
          if (action === 'start') alarms.started(key);
          if (action !== 'die' && action !== 'destroy') return;
          if (container === fileContainerName && action === 'die') {
            // It ends whenever files were published or checked: news only when they are not as they were installed.
            if (exitCode === damagedCode) alarms.ring({ key, because: `files on ${node.name} are damaged` });
            return;
          }
          const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
          const what = action === 'die' ? `died${code}` : 'was removed';
          alarms.ring({ key, because: `${key} ${what}` });
        },
      });
    } catch {
      if (interrupted === 0) alarms.ring({ key: node.name, because: `${node.name} stopped answering` });
    }
    await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}
