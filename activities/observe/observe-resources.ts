import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError, describeOnOneLine } from '../../cluster/errors.ts';
import { findingsOf, type ResourceFindings } from '../../cluster/resources/user/findings.ts';
import { groupOf, nameOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { AppliedResource } from '../../cluster/resources/user/applied.ts';
import type { ListedResources } from '../kubernetes/listed-resources.ts';
import type { ApiServers } from '../kubernetes/servers.ts';
import type { ObservePorts } from './ports.ts';

interface ResourcesInput {
  ports: Pick<ObservePorts, 'store' | 'kubernetes'>;
  declaration: Declaration;
  servers: ApiServers;
  /** When the look began, RFC 3339. */
  at: string;
}

/**
 * Objects of users: revisions of what is defined, records of what was applied, and one list of names for each kind. Undefined where
 * there are none. Throws only when the management etcd does not answer.
 */
export async function observeResources({
  ports: { store, kubernetes },
  declaration,
  servers,
  at,
}: ResourcesInput): Promise<ResourceFindings | undefined> {
  const [defined, applied] = await Promise.all([
    store.resources.revisions(declaration.name),
    store.resources.applied(declaration.name),
  ]);
  if (defined.size === 0 && applied.size === 0) return undefined;
  const kinds = kindsOf([...applied].filter(([key]) => defined.has(key)));
  const { live, unknown } = await kubernetes.listResources({ ...servers, kinds }).catch(allUnknown(kinds));
  return findingsOf({ declaration, at, defined, applied, live, unknown });
}

type Kind = { apiVersion: string; kind: string };

/** Kinds that something was applied of, in the version that was used. */
function kindsOf(applied: [ResourceKey, AppliedResource][]): Kind[] {
  const kinds = applied.map(([key, { apiVersion }]): [string, Kind] => {
    const { group, kind } = nameOf(key);
    return [`${group}/${kind}`, { apiVersion, kind }];
  });
  return [...new Map(kinds).values()];
}

function allUnknown(kinds: Kind[]) {
  return (error: unknown): ListedResources => {
    if (!(error instanceof CkeError)) throw error;
    const because = describeOnOneLine(error.complaint);
    const names = kinds.map(({ apiVersion, kind }) => `${groupOf(apiVersion)}/${kind}`);
    return { live: new Map(), unknown: new Map(names.map((name) => [name, because])) };
  };
}
