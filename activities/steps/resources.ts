import { CkeError } from '../../cluster/errors.ts';
import { rankOf } from '../../cluster/resources/user/rank.ts';
import { describeResource, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { Mandate } from '../contracts/mandates.ts';
import type { ResourceActivities } from '../contracts/steps.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Fence } from '../fence.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import type { ResourceOutcome } from '../kubernetes/resources.ts';
import type { ApiServers } from '../kubernetes/servers.ts';
import { serversOf } from '../kubernetes/servers-of.ts';
import { mapLanes } from '../lanes.ts';
import type { StoredResource } from '../store/resources.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { filledIn, type Filled } from './filled-resource.ts';
import { claimOf, recordOf, refusedRecord, type Tried } from './resource-record.ts';

interface ResourcePorts {
  declarations: AcceptedDeclarations;
  fence: Fence;
  store: Pick<Store, 'resources'>;
  kubernetes: Pick<Kubernetes, 'applyResource' | 'deleteResource' | 'listResources'>;
  credentials: OwnCredentials;
  vault: Pick<Vault, 'resourceSecret' | 'authorityBundle' | 'issue'>;
}

/** Requests to the API server at the same time. */
const lanes = 16;

/**
 * Applying and deleting objects of users. Payloads name them only: what they say is read here. A record is written before the first
 * attempt, so that what was applied is never forgotten; an object that is refused is put on record with the reason and fails nothing else.
 */
export function resourceActivities(ports: ResourcePorts): ResourceActivities {
  const { declarations, fence, store, kubernetes } = ports;
  return {
    async applyResources({ keys, ...mandate }) {
      const { cluster } = mandate;
      const { declaration } = await declarations.get(cluster, mandate.revision);
      const [definitions, applied] = await Promise.all([
        store.resources.definitions(cluster, keys),
        store.resources.applied(cluster),
      ]);
      const servers = await serversOf(ports.credentials, declaration);
      await fence.mayAct(mandate);
      const fresh = [...definitions].filter(([key]) => !applied.has(key));
      const claims = fresh.map(([key, { resource }]) => [key, claimOf(resource.object)] as const);
      if (claims.length > 0) await store.resources.putApplied(cluster, new Map(claims), mandate);
      for (const group of ranksOf([...definitions.keys()])) {
        const tried = await mapLanes(group, lanes, async (key): Promise<[ResourceKey, Tried]> => {
          const { resource, revision } = definitions.get(key) ?? nothingDefined(key);
          return [key, { revision, ...(await tryOne(ports, resource, { servers, declaration, mandate })) }];
        });
        await demandAnAnswer(ports, servers, tried);
        const records = tried.map(([key, one]) => [key, recordOf(one, applied.get(key))] as const);
        await store.resources.putApplied(cluster, new Map(records), mandate);
      }
    },

    async deleteResources({ keys, ...mandate }) {
      const { cluster } = mandate;
      const { declaration } = await declarations.get(cluster, mandate.revision);
      const [defined, applied] = await Promise.all([
        store.resources.revisions(cluster),
        store.resources.applied(cluster),
      ]);
      const servers = await serversOf(ports.credentials, declaration);
      await fence.mayAct(mandate);
      const going = keys.flatMap((key) => {
        const record = applied.get(key);
        // Somebody may have defined it again since it was decided.
        return record === undefined || defined.has(key) ? [] : [{ key, record }];
      });
      const outcomes = await mapLanes(going, lanes, async ({ key, record }) => {
        if (record.kept) return [key, 'forget'] as const;
        await fence.mayAct(mandate);
        const { apiVersion, namespace } = record;
        const place = { key, apiVersion, ...(namespace !== undefined && { namespace }) };
        const outcome = await kubernetes.deleteResource({ ...servers, ...place }).catch(refusalOf);
        return [key, outcome.outcome === 'refused' ? refusedRecord(record, outcome.because) : 'forget'] as const;
      });
      await store.resources.putApplied(cluster, new Map(outcomes), mandate);
    },
  };
}

interface Trial {
  servers: ApiServers;
  declaration: Declaration;
  mandate: Mandate;
}

/** Fills in one object and applies it. What is the fault of this one is told, and thrown is what is not. */
async function tryOne(
  { fence, kubernetes, vault }: ResourcePorts,
  resource: StoredResource,
  { servers, declaration, mandate }: Trial,
): Promise<Omit<Tried, 'revision'>> {
  let filled: Filled = { object: resource.object };
  try {
    await fence.mayAct(mandate);
    filled = await filledIn({ vault, declaration }, resource);
    await fence.mayAct(mandate);
    return { filled, outcome: await kubernetes.applyResource({ ...servers, object: filled.object }) };
  } catch (error) {
    return { filled, outcome: refusalOf(error) };
  }
}

/**
 * No answer about one object, a webhook that hangs for example, or what Vault has not (or does not like) for it is told as its own fault. A
 * newer operation, or a Vault that is sealed, ends everything.
 */
function refusalOf(error: unknown): ResourceOutcome {
  if (!(error instanceof CkeError)) throw error;
  const { code, message, got } = error.complaint;
  if (code === 'KubernetesUnavailable') return { outcome: 'refused', because: `${silence}: ${got ?? message}` };
  if (code === 'VaultFailed')
    return { outcome: 'refused', because: got === undefined ? message : `${message}: ${got}` };
  throw error;
}

const silence = 'no API server answered';

/** Where nothing at all was answered API servers are asked for something simple: when they are silent still, the attempt fails and is repeated. */
async function demandAnAnswer(
  { kubernetes }: ResourcePorts,
  servers: ApiServers,
  tried: [ResourceKey, Tried][],
): Promise<void> {
  const isSilent = ({ outcome }: Tried) => outcome.outcome === 'refused' && outcome.because.startsWith(silence);
  if (tried.every(([, one]) => isSilent(one)))
    await kubernetes.listResources({ ...servers, kinds: [{ apiVersion: 'v1', kind: 'Namespace' }] });
}

function nothingDefined(key: ResourceKey): never {
  throw new CkeError({ code: 'NotHealthy', message: `${describeResource(key)} is not defined`, remedy: 'retry' });
}

/** Groups of keys that may be applied side by side, in the order of their ranks. */
function ranksOf(keys: ResourceKey[]): ResourceKey[][] {
  const groups = Map.groupBy(keys, rankOf);
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}
