import { beingDestroyed } from '../activities/store/destructions.ts';
import type { Destruction } from '../cluster/destruction.ts';
import { CkeError } from '../cluster/errors.ts';
import { nearest } from '../cluster/declaration/suggestion.ts';
import { type ClusterOptions, namedCluster } from './options.ts';
import type { Session } from './session.ts';

/**
 * The cluster a command is about: the one that was named, or the only one there is.
 * @throws CkeError InvalidRequest when it is not known or when there are several; ClusterDestroyed
 */
export async function chosenCluster(session: Session, options: ClusterOptions): Promise<string> {
  const { cluster, destruction } = await knownCluster(session, options);
  if (destruction !== undefined) throw beingDestroyed(cluster, destruction);
  return cluster;
}

/** The same for commands that tell of a cluster that is being taken apart, or is gone, too. */
export async function knownCluster(
  session: Session,
  options: ClusterOptions,
): Promise<{ cluster: string; destruction?: Destruction }> {
  const { declarations, destructions } = session.store();
  const named = namedCluster(options);
  const gone = named === undefined ? undefined : await destructions.get(named);
  if (named !== undefined && gone !== undefined) return { cluster: named, destruction: gone };
  const cluster = choose(named, await declarations.clusters());
  const destruction = named === undefined ? await destructions.get(cluster) : gone;
  return { cluster, ...(destruction && { destruction }) };
}

/** Pure part of `chosenCluster`. */
export function choose(named: string | undefined, known: readonly string[]): string {
  if (known.length === 0) throw none(named);
  if (named !== undefined) return known.includes(named) ? named : unknownCluster(named, known);
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return only;
  throw new CkeError({
    code: 'InvalidRequest',
    message: 'which cluster? There are several',
    got: known.join(', '),
    fix: `add --cluster NAME, or: export CKE_CLUSTER=${only}`,
    remedy: 'never',
  });
}

function unknownCluster(named: string, known: readonly string[]): never {
  const near = nearest(named, known);
  throw new CkeError({
    code: 'InvalidRequest',
    message: `there is no cluster ${named}${near === undefined ? '' : `; did you mean ${near}?`}`,
    got: `clusters: ${known.join(', ')}`,
    fix: 'name one of them with --cluster',
    remedy: 'never',
  });
}

function none(named: string | undefined): CkeError {
  return new CkeError({
    code: 'DeclarationMissing',
    message: `${named === undefined ? 'no cluster' : `no cluster ${named}`} has been declared yet`,
    fix: 'cke-client apply cluster.yaml',
    remedy: 'never',
  });
}
