import { CkeError } from '../cluster/errors.ts';
import { nearest } from '../cluster/declaration/suggestion.ts';
import { type ClusterOptions, namedCluster } from './options.ts';
import type { Session } from './session.ts';

/**
 * The cluster a command is about: the one that was named, or the only one there is.
 * @throws CkeError InvalidRequest when it is not known or when there are several
 */
export async function chosenCluster(session: Session, options: ClusterOptions): Promise<string> {
  return choose(namedCluster(options), await session.store().declarations.clusters());
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
