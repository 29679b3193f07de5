import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { isTorn, isWrittenWith, type Cipher } from '../../cluster/encryption/cipher.ts';
import type { RewriteInput } from '../contracts/campaigns.ts';
import { serversOf } from '../kubernetes/servers-of.ts';
import { access } from '../steps/etcd-access.ts';
import { wantAnotherVersion } from './another-version.ts';
import type { KeyChangePorts } from './key-change.ts';

/** Below it the API servers keep Secrets, `<namespace>/<name>`. */
const registry = '/registry/secrets/';

/** Keys asked for at a time: a Secret may have a mebibyte, and 64 are what fits into one answer. */
const pageSize = 50;
const lanes = 8;

/** One activity goes on for so long, then tells how far it has come. */
const spellMilliseconds = 10_000;

/**
 * Goes through the Secrets in etcd behind `after` and has those written anew that the new key did not write: etcd itself tells what is left
 * to do, so that it matters little where an attempt was cut off. Contents stay where they are: of each value only what wrote it is kept, and
 * API servers are sent empty patches.
 * @throws CkeError KubernetesRefused with the Secret's name, EtcdUnavailable and others
 */
export async function rewriteSecrets(ports: KeyChangePorts, input: RewriteInput): Promise<RewriteInput> {
  const { store, declarations, etcd } = ports;
  const { cluster } = input;
  const change = (await store.encryption.get(cluster))?.value.change;
  if (change?.stage !== 'rewriting') return { cluster, looked: 0, rewritten: 0 };
  const { declaration } = await declarations.get(cluster, 'latest');
  const reach = await access(ports, declaration);
  const rewrite = await rewriter(ports, declaration);
  const end = Date.now() + spellMilliseconds;
  let { after, looked, rewritten } = input;
  for (;;) {
    const query = {
      prefix: registry,
      limit: pageSize,
      mark: markOf(change.to),
      ...(after !== undefined && { after }),
    };
    const { entries, left, more } = await etcd.page({ ...reach, query });
    if (entries.some(({ mark }) => mark === 'torn')) {
      await wantAnotherVersion(ports, cluster);
      return { cluster, looked, rewritten };
    }
    const stale = entries.filter(({ mark }) => mark === 'old');
    await rewrite(stale.map(({ key }) => key));
    const of = looked + left;
    [looked, rewritten, after] = [looked + entries.length, rewritten + stale.length, entries.at(-1)?.key];
    const isLast = more === 'no' || after === undefined;
    if (!isLast && Date.now() < end) continue;
    await noteProgress(ports, cluster, { done: looked, of });
    return { cluster, looked, rewritten, ...(!isLast && after !== undefined && { after }) };
  }
}

const markOf = (to: Cipher) => (value: Uint8Array) =>
  isTorn(to, value) ? 'torn' : isWrittenWith(to, value) ? 'new' : 'old';

/** Asks the API servers, several Secrets at a time. What fails is named, and tried again with the page that it is on. */
async function rewriter({ kubernetes, credentials }: KeyChangePorts, declaration: Declaration) {
  const servers = await serversOf(credentials, declaration);
  return async (keys: string[]): Promise<void> => {
    const queue = keys.map((key) => key.slice(registry.length).split('/'));
    const lane = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [namespace = '', name = ''] = next;
        await kubernetes.rewriteSecret({ ...servers, namespace, name });
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, queue.length) }, lane));
  };
}

/** For people: a record that somebody else has just changed is not worth another try. */
async function noteProgress(
  { store }: KeyChangePorts,
  cluster: string,
  progress: { done: number; of: number },
): Promise<void> {
  const stored = await store.encryption.get(cluster);
  const change = stored?.value.change;
  if (stored === undefined || change?.stage !== 'rewriting') return;
  const record = {
    ...stored.value,
    change: { ...change, progress: { ...progress, done: Math.max(progress.done, change.progress?.done ?? 0) } },
  };
  await store.encryption.put(cluster, record, { version: stored.version });
}
