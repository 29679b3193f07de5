import { Agent } from 'node:https';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError, describeOnOneLine } from '../../cluster/errors.ts';
import type { Health, KubernetesObservation, OwnedAttributes } from '../../cluster/observation.ts';
import { endpointsIn, type Endpoints } from '../../cluster/resources/endpoint-slice.ts';
import { builtInObjects } from '../../cluster/resources/built-in/built-in-objects.ts';
import { dnsHealth } from '../../cluster/resources/built-in/dns-health.ts';
import { builtIn } from '../../cluster/resources/built-in/labels.ts';
import { objectKey, type KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { describeResource, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { ClientCredentials } from '../credentials.ts';
import {
  deleteNodeAt,
  evictPodsAt,
  podKey,
  podsToEvictAt,
  schedulabilityAt,
  uncordonAt,
  type RefusedEviction,
} from './drain.ts';
import { apiEndpointsAt, etcdEndpointsAt, setApiEndpointsAt, setEtcdEndpointsAt } from './endpoints.ts';
import { kmsKeyIdAt, type KmsKeyId } from './kms-key-id.ts';
import { updateNodeAt, type NodeUpdate } from './node-attributes.ts';
import { nodesAt } from './nodes.ts';
import { applyAt, labelledAt, outdated } from './objects.ts';
import { probeApiServer } from './probe.ts';
import { listAllAt, type ListedResources } from './listed-resources.ts';
import { applyResourceAt, deleteResourceAt, type ResourceOutcome } from './resources.ts';
import { rewriteAt } from './secrets.ts';
import { createServerPool, type ApiServer, type ApiServers } from './servers.ts';
import {
  lastingTokens,
  namespacesWithout,
  restartWorkload,
  stalePods,
  unpublishClientCa,
  type StalePod,
  type Workload,
} from './trust-holders.ts';
import { upstreamsAt } from './upstreams.ts';

/**
 * The Kubernetes API of clusters. Every request has a deadline, every call may be repeated. All but `probe`, `kmsKeyId` and `observe` throw CkeError
 * KubernetesUnavailable or KubernetesRefused.
 */
export interface Kubernetes {
  /** Whether the API server of one control plane is ready. Never throws. */
  probe(input: { cluster: string; address: string; credentials: ClientCredentials }): Promise<Health>;
  /** What the API server of one control plane knows of the key of its KMS plugin. Never throws. */
  kmsKeyId(input: { address: string; credentials: ClientCredentials }): Promise<KmsKeyId>;
  /** One look: nodes, the endpoints of the API, built-in objects. Never throws for a cluster that does not answer. */
  observe(
    input: Omit<ApiServers, 'cluster'> & { declaration: Declaration; podsOn?: readonly string[] },
  ): Promise<KubernetesObservation>;
  /** The objects that the cluster has to have, with what only the cluster itself knows. */
  builtInObjects(input: Omit<ApiServers, 'cluster'> & { declaration: Declaration }): Promise<KubernetesObject[]>;
  /** Server-side apply of an object, as field manager `cke`. */
  apply(input: ApiServers & { object: KubernetesObject }): Promise<void>;
  /** Objects of users, by list calls for their kinds: names, and who owns their fields. */
  listResources(
    input: ApiServers & { kinds: readonly Pick<KubernetesObject, 'apiVersion' | 'kind'>[] },
  ): Promise<ListedResources>;
  /** Applies an object of a user; what an API server says no to is told and not thrown. */
  applyResource(input: ApiServers & { object: KubernetesObject }): Promise<ResourceOutcome>;
  /** Deletes an object that was applied; one that is gone, or not ours, is fine. */
  deleteResource(
    input: ApiServers & { key: ResourceKey; apiVersion: string; namespace?: string },
  ): Promise<ResourceOutcome>;
  /** Sets the addresses behind the Service default/kubernetes. */
  setApiEndpoints(input: ApiServers & Endpoints): Promise<void>;
  /** Sets the addresses behind the Service kube-system/cke-etcd. */
  setEtcdEndpoints(input: ApiServers & Endpoints): Promise<void>;
  /** Whether a node takes pods. */
  schedulability(input: ApiServers & { node: string }): Promise<'schedulable' | 'cordoned'>;
  /** Lets a node take pods again. */
  uncordon(input: ApiServers & { node: string }): Promise<void>;
  /** Cordons a node and asks each pod once to go; returns those that may not go yet, with the API server's reason. */
  evictPods(input: ApiServers & { node: string }): Promise<RefusedEviction[]>;
  /** Namespaces whose pods don't learn exactly these CAs (PEM) yet. */
  namespacesWithout(input: ApiServers & { bundle: string }): Promise<string[]>;
  /** Pods that may know an older CA only. */
  stalePods(input: ApiServers): Promise<StalePod[]>;
  /** Has a workload replace its pods, once for each reason. */
  restartWorkload(input: ApiServers & { workload: Workload; reason: string }): Promise<void>;
  /** Takes a CA (PEM) out of what API servers publish for verifiers of clients. */
  unpublishClientCa(
    input: ApiServers & { key: 'client-ca-file' | 'requestheader-client-ca-file'; certificate: string },
  ): Promise<'was there' | 'not there'>;
  /** Secrets whose tokens never expire, made before `at`. */
  lastingTokens(input: ApiServers & { at: string }): Promise<string[]>;
  /** Deletes a Node object; one that is gone already is fine. */
  deleteNode(input: ApiServers & { node: string }): Promise<void>;
  /** Has an API server write a Secret anew, unchanged; one that is gone is fine. Its content is not sent. */
  rewriteSecret(input: ApiServers & { namespace: string; name: string }): Promise<void>;
  /** Sets labels, annotations and taints of a node; returns what is ours now. */
  updateNodeAttributes(input: Omit<ApiServers, 'cluster'> & NodeUpdate): Promise<OwnedAttributes>;
}

/** Makes the adapter; it keeps connections to API servers. */
export function createKubernetes(): Kubernetes {
  const pool = createServerPool();
  const probes = new Agent({ keepAlive: true, keepAliveMsecs: 10_000, timeout: 60_000, maxFreeSockets: 64 });
  return {
    probe: ({ address, credentials }) => probeApiServer({ address, credentials, agent: probes }),
    kmsKeyId: (asked) => kmsKeyIdAt({ ...asked, agent: probes }),
    async observe({ declaration, podsOn = [], ...servers }) {
      const target = { ...servers, cluster: declaration.name };
      try {
        return await pool.read(target, 'looking at the cluster', async (server): Promise<KubernetesObservation> => {
          const [nodes, apiEndpoints, etcdEndpoints, builtIns, pods] = await Promise.all([
            nodesAt(server),
            apiEndpointsAt(server),
            etcdEndpointsAt(server),
            lookAtBuiltIns(server, declaration),
            Promise.all(podsOn.map(async (node) => [node, await podsToEvictAt(server, node)] as const)),
          ]);
          const podsToEvict = Object.fromEntries(pods.map(([node, here]) => [node, here.map(podKey)]));
          return {
            state: 'observed',
            nodes,
            apiEndpoints,
            etcdEndpoints,
            ...builtIns,
            ...(pods.length > 0 && { podsToEvict }),
          };
        });
      } catch (error) {
        if (error instanceof CkeError) return { state: 'unobservable', because: describeOnOneLine(error.complaint) };
        throw error;
      }
    },
    builtInObjects: ({ declaration, ...servers }) =>
      pool.read({ ...servers, cluster: declaration.name }, 'looking for upstreams of DNS', (server) =>
        builtInAt(server, declaration),
      ),
    apply: ({ object, ...servers }) =>
      pool.call(servers, `applying ${objectKey(object)}`, (server) => applyAt(server, object)),
    listResources: ({ kinds, ...servers }) =>
      pool.read(servers, 'looking at resources', (server) => listAllAt(server, kinds)),
    applyResource: ({ object, ...servers }) =>
      pool.call(servers, `applying ${objectKey(object)}`, (server) => applyResourceAt(server, object)),
    deleteResource: ({ key, apiVersion, namespace, ...servers }) =>
      pool.call(servers, `deleting ${describeResource(key)}`, (server) =>
        deleteResourceAt(server, { key, apiVersion, ...(namespace !== undefined && { namespace }) }),
      ),
    setApiEndpoints: (input) =>
      pool.call(input, 'setting the endpoints of the API', (server) => setApiEndpointsAt(server, endpointsIn(input))),
    setEtcdEndpoints: (input) =>
      pool.call(input, 'setting the endpoints of etcd', (server) => setEtcdEndpointsAt(server, endpointsIn(input))),
    schedulability: ({ node, ...servers }) =>
      pool.call(servers, `looking whether ${node} is cordoned`, (server) => schedulabilityAt(server, node)),
    uncordon: ({ node, ...servers }) => pool.call(servers, `uncordoning ${node}`, (server) => uncordonAt(server, node)),
    evictPods: ({ node, ...servers }) => pool.call(servers, `draining ${node}`, (server) => evictPodsAt(server, node)),
    namespacesWithout: ({ bundle, ...servers }) =>
      pool.call(servers, 'looking at published CAs', (server) => namespacesWithout(server, bundle)),
    stalePods: (servers) => pool.call(servers, 'looking for pods with an older CA', stalePods),
    restartWorkload: ({ workload, reason, ...servers }) =>
      pool.call(servers, `restarting ${workload.kind} ${workload.namespace}/${workload.name}`, (server) =>
        restartWorkload(server, workload, reason),
      ),
    unpublishClientCa: ({ key, certificate, ...servers }) =>
      pool.call(servers, 'taking an old CA out of what is published', (server) =>
        unpublishClientCa(server, { key, certificate }),
      ),
    lastingTokens: ({ at, ...servers }) =>
      pool.call(servers, 'looking for tokens that never expire', (server) => lastingTokens(server, at)),
    deleteNode: ({ node, ...servers }) =>
      pool.call(servers, `deleting the Node object of ${node}`, (server) => deleteNodeAt(server, node)),
    rewriteSecret: ({ namespace, name, ...servers }) =>
      pool.call(servers, `writing Secret ${namespace}/${name} anew`, (server) =>
        rewriteAt(server, { namespace, name }),
      ),
    updateNodeAttributes: ({ addresses, credentials, ...update }) =>
      pool.call(
        { cluster: update.declaration.name, addresses, credentials },
        `updating the attributes of ${update.node.name}`,
        (server) => updateNodeAt(server, update),
      ),
  };
}

async function builtInAt(server: ApiServer, declaration: Declaration): Promise<KubernetesObject[]> {
  return builtInObjects({ declaration, upstreams: await upstreamsAt(server, declaration) });
}

/** Which built-in objects are outdated, and how much of what they run serves: seen in the same lists. */
async function lookAtBuiltIns(server: ApiServer, declaration: Declaration) {
  const wanted = await builtInAt(server, declaration);
  const live = await labelledAt(server, wanted, builtIn);
  return { outdatedObjects: outdated(wanted, live), dns: dnsHealth(live) };
}
