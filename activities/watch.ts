import { Context } from '@temporalio/activity';
import type { Declaration, NodeDeclaration } from '../cluster/declaration/declaration.ts';
import { departedNodes } from '../cluster/declaration/enrolled.ts';
import type { WatchActivities, WatchBegun } from './contracts/operations.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import { createAlarms, type Alarms } from './alarms.ts';
import { followNode } from './follow-node.ts';
import type { NodeDocker } from './node/docker.ts';
import type { Nodes } from './node/nodes.ts';
import { nodeTarget } from './node/target.ts';
import type { Store } from './store/store.ts';

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
    async watchCluster({ cluster, begun }) {
      const { cancellationSignal: signal, info } = Context.current();
      const alarms = createAlarms((because) => void wake(cluster, because).catch(() => undefined));
      const follow = followNodes({ nodes, signal, alarms, begun: info.attempt > 1 ? 'again' : begun });
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
  begun: WatchBegun;
}

type Follow = (declaration: Declaration, all: readonly NodeDeclaration[]) => void;

/**
 * Keeps one stream of Docker events per node; returns what is to be called with each new declaration. Nodes that have left and could
 * not be cleaned are among them: they are cleaned when they answer again.
 */
function followNodes({ nodes, signal, alarms, ...first }: FollowInput): Follow {
  const followed = new Map<string, AbortController>();
  let { begun } = first;
  return (declaration, all) => {
    // A node with another address, user or host key is followed anew.
    const targets = new Map(
      all.map((node) => nodeTarget(declaration, node)).map((target) => [JSON.stringify(target), target]),
    );
    for (const [key, controller] of followed) {
      if (targets.has(key)) continue;
      controller.abort();
      followed.delete(key);
    }
    for (const [key, target] of targets) {
      if (followed.has(key)) continue;
      const own = new AbortController();
      followed.set(key, own);
      const events: NodeDocker['events'] = (options) => nodes.docker(target).events(options);
      void followNode({
        node: target.name,
        docker: { events },
        alarms,
        begun,
        signal: AbortSignal.any([signal, own.signal]),
      });
    }
    begun = 'at first';
  };
}
