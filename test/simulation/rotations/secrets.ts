import { createHash } from 'node:crypto';
import type { EtcdClusters } from '../../../activities/etcd/clusters.ts';
import type { Kubernetes } from '../../../activities/kubernetes/kubernetes.ts';
import { isCipher, kmsServerCipher, splitCipher } from '../../../cluster/encryption/cipher.ts';
import { CkeError } from '../../../cluster/errors.ts';
import type { Run } from '../calls.ts';
import { servingApiServers } from '../model/serving.ts';
import { isReachable, type Host, type ModelContainer, type World } from '../model/world.ts';
import { pick } from '../schedules.ts';
import type { Simulation } from '../simulation.ts';
import { bytesOf } from './stored-values.ts';
import type { DataKey, StoredValue, Truth } from './truth.ts';

const registry = '/registry/secrets/';

/** Keys of etcd that the model returns at a time, whatever is asked for. */
const pageSize = 3;

/** What a campaign asks of etcd: which Secrets the new key has not written yet. */
export function modelEtcdKeys({ calls }: Simulation, truth: Truth): EtcdClusters {
  const page: EtcdClusters['page'] = ({ query: { mark, after } }) =>
    calls.read(undefined, () => {
      const all = [...truth.secrets.keys()].map((key) => registry + key).toSorted();
      const left = all.filter((key) => after === undefined || key > after);
      const entries = left.slice(0, pageSize).map((key) => {
        const stored = truth.secrets.get(key.slice(registry.length));
        return { key, mark: stored === undefined ? '' : mark(bytesOf(stored)) };
      });
      return { entries, left: left.length, more: left.length > entries.length ? ('yes' as const) : ('no' as const) };
    });
  return { page } as EtcdClusters;
}

/** What campaigns ask of Kubernetes. Pods, namespaces and webhooks are none of the model's. */
export function modelKubernetesOfCampaigns({ world, calls }: Simulation, truth: Truth, run: Run): Kubernetes {
  const port: Partial<Kubernetes> = {
    namespacesWithout: async () => [],
    stalePods: async () => [],
    lastingTokens: async () => [],
    unpublishClientCa: async () => 'not there',
    kmsKeyId: async ({ address }) => {
      const host = servingApiServers(world).find((one) => one.address === address && isReachable(one));
      const known = host && dataKeyOf(world, truth, host);
      if (known === undefined) return { state: 'unknown', because: 'it does not answer' };
      return { state: 'known', hash: `sha256:${createHash('sha256').update(String(known.named)).digest('hex')}` };
    },
    rewriteSecret: ({ namespace, name }) =>
      calls.effect({
        what: `rewrite ${namespace}/${name}`,
        run,
        act: () => {
          const servers = servingApiServers(world).filter(isReachable);
          if (servers.length === 0) throw unavailable();
          write(world, truth, pick(servers, Math.floor(world.random() * 16)), `${namespace}/${name}`);
        },
      }),
  };
  return port as Kubernetes;
}

function unavailable(): CkeError {
  return new CkeError({ code: 'KubernetesUnavailable', message: 'no API server answers', remedy: 'retry' });
}

/** An API server writes a Secret with the first of what it was given when it started. */
export function write(world: World, truth: Truth, host: Host, key: string): void {
  const [first] = host.containers.get('kube-apiserver')?.loaded?.ciphers ?? [];
  const value = first === undefined ? undefined : encrypted(first, dataKeyOf(world, truth, host));
  if (value !== undefined) truth.secrets.set(key, value);
}

function encrypted(cipher: string, dataKey: DataKey | undefined): StoredValue | undefined {
  if (cipher === kmsServerCipher) return dataKey && { provider: 'kms', ...dataKey };
  const parts = isCipher(cipher) ? splitCipher(cipher) : undefined;
  if (parts === undefined || parts.provider === 'identity') return { provider: 'identity' };
  return parts.provider === 'kms' ? undefined : { provider: parts.provider, key: parts.key };
}

const processOf = ({ id, startedAt }: ModelContainer): string => `${id} ${startedAt}`;

/** The data key of an API server's process: wrapped when it began, and whenever it hears of another version. */
function dataKeyOf({ now }: World, { dataKeys, vault }: Truth, host: Host): DataKey | undefined {
  const container = host.containers.get('kube-apiserver');
  if (!container?.loaded?.ciphers?.includes(kmsServerCipher)) return undefined;
  const known = dataKeys.get(processOf(container));
  if (known !== undefined) return known;
  const made = wrapped(vault, now);
  dataKeys.set(processOf(container), made);
  return made;
}

/** Right after a rotation the plugin may tell of the new version what the old one has wrapped. */
function wrapped({ transit: { latest, oldest, since } }: Truth['vault'], now: number): DataKey {
  const torn = latest > oldest && now - since <= 1 && latest > 1;
  return { named: latest, wrappedBy: torn ? latest - 1 : latest };
}

/** An API server asks its plugin now and then, and has another data key wrapped when the version is another. */
export function notice(world: World, truth: Truth, host: Host): void {
  const container = host.containers.get('kube-apiserver');
  const known = dataKeyOf(world, truth, host);
  if (container === undefined || known === undefined || known.named === truth.vault.transit.latest) return;
  truth.dataKeys.set(processOf(container), wrapped(truth.vault, world.now));
}
