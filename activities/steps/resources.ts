import { CkeError } from '../../cluster/errors.ts';
import type { AppliedResource, Refusal } from '../../cluster/resources/user/applied.ts';
import { isKept } from '../../cluster/resources/user/definition.ts';
import { rankOf } from '../../cluster/resources/user/rank.ts';
import { describeResource, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { Mandate } from '../contracts/mandates.ts';
import type { ResourceActivities } from '../contracts/steps.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Fence } from '../fence.ts';
import type { Kubernetes } from '../kubernetes/kubernetes.ts';
import type { ResourceOutcome } from '../kubernetes/resources.ts';
import type { ApiServers } from '../kubernetes/servers.ts';
import { serversOf } from '../kubernetes/servers-of.ts';
import { mapLanes } from '../lanes.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { filledIn, type Filled } from './filled-resource.ts';

interface ResourcePorts {
  declarations: AcceptedDeclarations;
  fence: Fence;
  store: Pick<Store, 'resources'>;
  kubernetes: Pick<Kubernetes, 'applyResource' | 'deleteResource'>;
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
  const applyOne = async (servers: ApiServers, filled: Filled, mandate: Mandate): Promise<ResourceOutcome> => {
    await fence.mayAct(mandate);
    return kubernetes.applyResource({ ...servers, object: filled.object });
  };
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
      const claims = fresh.map(([key, { resource }]) => [key, { apiVersion: resource.object.apiVersion }] as const);
      if (claims.length > 0) await store.resources.putApplied(cluster, new Map(claims), mandate);
      for (const group of ranksOf([...definitions.keys()])) {
        const outcomes = await mapLanes(group, lanes, async (key): Promise<[ResourceKey, Tried]> => {
          const { resource, revision } = definitions.get(key) ?? nothingDefined(key);
          await fence.mayAct(mandate);
          const filled = await filledIn({ vault: ports.vault, declaration }, resource);
          const outcome = await applyOne(servers, filled, mandate).catch(unlessFenced);
          return [key, { outcome, filled, revision }];
        });
        demandAnAnswer(outcomes.map(([, { outcome }]) => outcome));
        const records = outcomes.map(([key, tried]) => [key, recordOf(tried, applied.get(key))] as const);
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
        const outcome = await kubernetes.deleteResource({ ...servers, ...place }).catch(unlessFenced);
        return [key, outcome.outcome === 'refused' ? refusedRecord(record, outcome.because) : 'forget'] as const;
      });
      await store.resources.putApplied(cluster, new Map(outcomes), mandate);
    },
  };
}

interface Tried {
  outcome: ResourceOutcome;
  filled: Filled;
  revision: string;
}

/** What is known of the object from now on. */
function recordOf({ outcome, filled, revision }: Tried, before: AppliedResource | undefined): AppliedResource {
  const { object, trusts, certificate } = filled;
  const { apiVersion } = object;
  if (outcome.outcome === 'refused') return refusedRecord(before ?? { apiVersion }, outcome.because, revision);
  const { fields, namespace } = outcome;
  return {
    apiVersion,
    revision,
    fields,
    ...(namespace !== undefined && { namespace }),
    ...(isKept(object) && { kept: true }),
    ...(trusts !== undefined && { trusts }),
    ...(certificate && { certificate }),
  };
}

function refusedRecord(record: AppliedResource, because: string, revision?: string): AppliedResource {
  const before = record.refused?.revision === revision ? (record.refused?.attempts ?? 0) : 0;
  const refused: Refusal = {
    because,
    at: new Date().toISOString(),
    attempts: before + 1,
    ...(revision !== undefined && { revision }),
  };
  return { ...record, refused };
}

/** No answer about one object, a webhook that hangs for example, is told as its own fault; a newer operation ends everything. */
function unlessFenced(error: unknown): ResourceOutcome {
  if (!(error instanceof CkeError) || error.complaint.code !== 'KubernetesUnavailable') throw error;
  const { message, got } = error.complaint;
  return { outcome: 'refused', because: `${silence}: ${got ?? message}` };
}

const silence = 'no API server answered';

/** Where nothing at all was answered the fault is not in the objects: the attempt fails, and is repeated. */
function demandAnAnswer(outcomes: ResourceOutcome[]): void {
  const [first] = outcomes;
  const silent = outcomes.every((one) => one.outcome === 'refused' && one.because.startsWith(silence));
  if (outcomes.length < 2 || !silent || first?.outcome !== 'refused') return;
  throw new CkeError({
    code: 'KubernetesUnavailable',
    message: `applying ${outcomes.length} resources: no API server answers`,
    got: first.because,
    remedy: 'retry',
  });
}

function nothingDefined(key: ResourceKey): never {
  throw new CkeError({ code: 'NotHealthy', message: `${describeResource(key)} is not defined`, remedy: 'retry' });
}

/** Groups of keys that may be applied side by side, in the order of their ranks. */
function ranksOf(keys: ResourceKey[]): ResourceKey[][] {
  const groups = Map.groupBy(keys, rankOf);
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}
