import { PatchStrategy, type V1ConfigMap, type V1Pod } from '@kubernetes/client-node';
import { podKey } from './drain.ts';
import { isMissing } from './failure.ts';
import { fieldManager } from '../../cluster/resources/object-drift.ts';
import type { ApiServer } from './servers.ts';

/** The ConfigMap by which every pod learns the CA of the API servers; the controller-manager keeps it in each namespace. */
const publishedCa = 'kube-root-ca.crt';

/** A mounted ConfigMap reaches a running pod within this; a program that starts later reads what is new. */
const mountSeconds = 120;

const pageSize = 500;

/** The certificates of a PEM text, in no particular spelling. */
export function certificatesIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu) ?? [];
  return blocks.map((block) => block.replaceAll(/\s+/gu, '')).sort();
}

/** Namespaces in which pods do not learn exactly these CAs yet. */
export async function namespacesWithout(server: ApiServer, bundle: string): Promise<string[]> {
  const wanted = certificatesIn(bundle).join();
  const maps = await publishedMaps(server);
  const { items } = await server.core.listNamespace();
  const terminating = new Set(items.filter(({ status }) => status?.phase === 'Terminating').map(nameOf));
  const right = new Set(
    maps.filter(({ data }) => certificatesIn(data?.['ca.crt'] ?? '').join() === wanted).map(namespaceOf),
  );
  return items.map(nameOf).filter((name) => !right.has(name) && !terminating.has(name));
}

const nameOf = ({ metadata }: { metadata?: { name?: string } }): string => metadata?.name ?? '';
const namespaceOf = ({ metadata }: { metadata?: { namespace?: string } }): string => metadata?.namespace ?? '';

async function publishedMaps({ core }: ApiServer): Promise<V1ConfigMap[]> {
  const { items } = await core.listConfigMapForAllNamespaces({ fieldSelector: `metadata.name=${publishedCa}` });
  return items;
}

/** A pod whose programs may still know the old CA only. */
export interface StalePod {
  /** `namespace/name`. */
  pod: string;
  /** What can be restarted in its place: a Deployment, DaemonSet or StatefulSet of its namespace. */
  owner?: Workload;
}

export interface Workload {
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet';
  namespace: string;
  name: string;
}

/** Pods that mount the CA and began before it was published as it is now: most clients read it once, when they start. */
export async function stalePods(server: ApiServer): Promise<StalePod[]> {
  const published = new Map((await publishedMaps(server)).map((map) => [namespaceOf(map), publishedAt(map)]));
  const stale: StalePod[] = [];
  let next: string | undefined;
  do {
    const page = await server.core.listPodForAllNamespaces({
      limit: pageSize,
      ...(next !== undefined && { _continue: next }),
    });
    for (const pod of page.items) {
      if (!isStale(pod, published.get(namespaceOf(pod)) ?? 0)) continue;
      const owner = await ownerOf(server, pod);
      stale.push({ pod: podKey(pod), ...(owner && { owner }) });
    }
    next = page.metadata?._continue;
  } while (next !== undefined && next !== '');
  return stale;
}

/** Milliseconds since 1970 at which the map got its present data. */
function publishedAt({ metadata }: V1ConfigMap): number {
  const times = (metadata?.managedFields ?? []).map(({ time }) => (time === undefined ? 0 : new Date(time).getTime()));
  return Math.max(0, ...times);
}

function isStale({ metadata, spec, status }: V1Pod, published: number): boolean {
  const mounts = (spec?.volumes ?? []).some(({ projected }) =>
    projected?.sources?.some(({ configMap }) => configMap?.name === publishedCa),
  );
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const created = new Date(metadata?.creationTimestamp ?? 0).getTime();
  if (!mounts || ended || created > published) return false;
  return (status?.containerStatuses ?? []).some(({ state }) => {
    const began = state?.running?.startedAt;
    return began !== undefined && new Date(began).getTime() < published + mountSeconds * 1000;
  });
}

async function ownerOf({ objects }: ApiServer, { metadata }: V1Pod): Promise<Workload | undefined> {
  const namespace = metadata?.namespace ?? '';
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind === 'DaemonSet' || owner?.kind === 'StatefulSet')
    return { kind: owner.kind, namespace, name: owner.name };
  if (owner?.kind !== 'ReplicaSet') return undefined;
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: owner.name, namespace } };
  const { metadata: above } = await objects.read(set).catch((error: unknown) => {
    if (isMissing(error)) return { metadata: undefined };
    throw error;
  });
  const deployment = above?.ownerReferences?.find(({ kind }) => kind === 'Deployment');
  return deployment && { kind: 'Deployment', namespace, name: deployment.name };
}

/** Has a workload replace its pods, by its own update strategy, once for each `reason`: asked twice, it does it once. */
export async function restartWorkload(
  { objects }: ApiServer,
  { kind, namespace, name }: Workload,
  reason: string,
): Promise<void> {
  const annotations = { 'cke.cybozu.com/restarted-for': reason };
  const object = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: { template: { metadata: { annotations } } },
  };
  try {
    await objects.patch(object, undefined, undefined, fieldManager, undefined, PatchStrategy.MergePatch);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Takes a CA out of what API servers publish for extension servers and for the health endpoints of the control plane: they add to it and
 * never take away. Only when none of them runs with the old CA any more, or it comes back.
 */
export async function unpublishClientCa(
  { core, objects }: ApiServer,
  { key, certificate }: { key: 'client-ca-file' | 'requestheader-client-ca-file'; certificate: string },
): Promise<'was there' | 'not there'> {
  const [name, namespace] = ['extension-apiserver-authentication', 'kube-system'];
  const { metadata, data = {} } = await core.readNamespacedConfigMap({ name, namespace });
  const old = certificatesIn(certificate);
  const blocks = (data[key] ?? '').match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu) ?? [];
  const kept = blocks.filter((block) => !old.includes(block.replaceAll(/\s+/gu, '')));
  if (kept.length === blocks.length) return 'not there';
  const resourceVersion = metadata?.resourceVersion;
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(resourceVersion !== undefined && { resourceVersion }) },
    data: { [key]: kept.map((block) => `${block}\n`).join('') },
  };
  await objects.patch(object, undefined, undefined, fieldManager, undefined, PatchStrategy.MergePatch);
  return 'was there';
}

/** Secrets with tokens that never expire, signed before `at` (RFC 3339): `namespace/name`. */
export async function lastingTokens({ core }: ApiServer, at: string): Promise<string[]> {
  const fieldSelector = 'type=kubernetes.io/service-account-token';
  const { items } = await core.listSecretForAllNamespaces({ fieldSelector });
  return items
    .filter(({ metadata }) => new Date(metadata?.creationTimestamp ?? 0).getTime() < Date.parse(at))
    .map((secret) => `${namespaceOf(secret)}/${nameOf(secret)}`);
}
