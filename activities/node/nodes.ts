import { etcdVolume } from '../../cluster/components/etcd.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { authorizedKeys, type AuthorizedKeys } from './authorized-keys.ts';
import { createConnection, type NodeConnection } from './connection.ts';
import { defaultDeadlines, type Deadlines } from './deadlines.ts';
import { createNodeDocker, type NodeDocker } from './docker.ts';
import { createEngine, type Engine } from './engine.ts';
import { createNodeFiles, type NodeFiles } from './files.ts';
import type { ConnectionPorts } from './login.ts';
import { preflightNode } from './preflight.ts';
import type { NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { bastionTarget, nodeTarget, type NodeTarget } from './target.ts';
import { createTurns, type Turns } from './turns.ts';

/** All nodes of all clusters: one SSH connection each, kept for the life of this process. */
export interface Nodes {
  docker(target: NodeTarget): NodeDocker;
  files(declaration: Declaration, node: NodeDeclaration): NodeFiles;
  /** Who is let in by a node, or by the bastion. */
  authorizedKeys(declaration: Declaration, target: NodeTarget): AuthorizedKeys;
  /** What a node lacks, as sentences; nothing of the user's is touched. */
  preflight(declaration: Declaration, node: NodeDeclaration, pull: (image: string) => Promise<void>): Promise<string[]>;
  close(): void;
}

/** A node that nobody asked for in this time has left its declaration, most likely. */
const unusedMilliseconds = 60 * 60_000;

interface Entry {
  key: string;
  usedAt: number;
  connection: NodeConnection;
  engine: Engine;
  docker: NodeDocker;
  turns: Turns;
}

export function createNodes(ports: ConnectionPorts & { deadlines?: Deadlines }): Nodes {
  const deadlines = ports.deadlines ?? defaultDeadlines;
  const entries = new Map<string, Entry>();
  const bastions = new Map<string, NodeConnection>();

  const bastionOf = (target: NodeTarget): NodeConnection | undefined => {
    if (target.bastion === undefined) return undefined;
    const key = JSON.stringify([target.cluster, target.bastion]);
    const known =
      bastions.get(key) ?? createConnection({ ...ports, target: bastionTarget(target, target.bastion), deadlines });
    bastions.set(key, known);
    return known;
  };

  const open = (target: NodeTarget, key: string): Entry => {
    const bastion = bastionOf(target);
    const connection = createConnection({ ...ports, target, deadlines, ...(bastion && { bastion }) });
    const engine = createEngine(connection, deadlines);
    return { key, usedAt: Date.now(), connection, engine, docker: createNodeDocker(engine), turns: createTurns() };
  };

  const entryOf = (target: NodeTarget): Entry => {
    const name = `${target.cluster}/${target.name}`;
    const key = JSON.stringify(target);
    const known = entries.get(name);
    if (known?.key === key) {
      known.usedAt = Date.now();
      return known;
    }
    if (known) shut(known);
    shutUnused(entries);
    const fresh = open(target, key);
    entries.set(name, fresh);
    return fresh;
  };

  return {
    docker: (target) => entryOf(target).docker,
    files(declaration, node) {
      const { engine, turns } = entryOf(nodeTarget(declaration, node));
      const options = {
        image: declaration.images.rivers,
        cluster: declaration.name,
        directories: [etcdVolume(declaration)],
      };
      return createNodeFiles(engine, options, turns);
    },
    authorizedKeys({ ssh }, target) {
      const bastion = bastionOf(target);
      const withKey = (key: string) =>
        createConnection({ ...ports, privateKey: async () => key, target, deadlines, ...(bastion && { bastion }) });
      const file = ssh.authorized_keys_file.replaceAll('%u', target.user);
      return authorizedKeys({ connection: entryOf(target).connection, withKey, file });
    },
    preflight: (declaration, node, pull) =>
      preflightNode({ ...entryOf(nodeTarget(declaration, node)), pull }, { declaration, node }),
    close() {
      for (const entry of entries.values()) shut(entry);
      for (const bastion of bastions.values()) bastion.close();
      entries.clear();
      bastions.clear();
    },
  };
}

/** Looks whenever a node is new: nodes leave about as often as they come. */
function shutUnused(entries: Map<string, Entry>): void {
  for (const [name, entry] of entries) {
    if (Date.now() - entry.usedAt < unusedMilliseconds) continue;
    shut(entry);
    entries.delete(name);
  }
}

function shut({ engine, connection }: Entry): void {
  engine.close();
  connection.close();
}
