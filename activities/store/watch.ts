import { setTimeout as sleep } from 'node:timers/promises';
import type { Watcher } from 'etcd3';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';

export interface IntentChange {
  /** `unknown` after an interruption, during which anything may have changed. */
  what: 'declaration' | 'pause' | 'resources' | 'unknown';
  /** For people, e.g. `the declaration changed`. */
  because: string;
}

export interface WatchIntent {
  cluster: string;
  onChange: (change: IntentChange) => void;
  /** Aborting it ends the watch. */
  signal: AbortSignal;
}

/**
 * Follows what people want of a cluster: its declaration, its pause and its resources, not what this program writes itself. Goes on through
 * failures of the management etcd, endpoint after endpoint; resolves when `signal` is aborted.
 */
export async function watchIntent(
  connection: StoreConnection,
  { cluster, onChange, signal }: WatchIntent,
): Promise<void> {
  const keys = clusterKeys(cluster);
  const names = new Map<string, IntentChange>([
    [keys.latestDeclaration, { what: 'declaration', because: 'the declaration changed' }],
    [keys.pause, { what: 'pause', because: 'the pause changed' }],
    [keys.resourcesChanged, { what: 'resources', because: 'resources changed' }],
  ]);
  const onKey = (key: string): void => {
    const change = names.get(key);
    if (change) onChange(change);
  };
  for (let interrupted = 0; !signal.aborted; interrupted++) {
    const onConnected = (): void => {
      if (interrupted > 0) onChange({ what: 'unknown', because: 'the watch of the management etcd was interrupted' });
    };
    await followOnce(connection, { prefix: keys.intent, onKey, onConnected, signal });
    if (!signal.aborted) await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
}

interface FollowOnce {
  prefix: string;
  onKey: (key: string) => void;
  onConnected: () => void;
  signal: AbortSignal;
}

/** One stream on one endpoint, until it breaks or `signal` is aborted. */
async function followOnce(
  connection: StoreConnection,
  { prefix, onKey, onConnected, signal }: FollowOnce,
): Promise<void> {
  const { client, endpoint } = connection.openStreamClient();
  const watcher: Watcher = client.watch().prefix(prefix).watcher();
  const ended = new Promise<'aborted' | 'broken'>((resolve) => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    if (signal.aborted) resolve('aborted');
    watcher.on('disconnected', () => resolve('broken'));
    watcher.on('error', () => resolve('broken'));
  });
  watcher.on('connected', onConnected);
  watcher.on('put', ({ key }) => onKey(key.toString()));
  watcher.on('delete', ({ key }) => onKey(key.toString()));
  const why = await ended;
  if (why === 'broken') connection.giveUp(endpoint);
  // Detaching first keeps the library from reconnecting for ever on a client that is closed.
  await Promise.race([watcher.cancel().catch(() => undefined), sleep(1_000)]);
  client.close();
}
