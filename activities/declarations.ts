import { parseDeclaration } from '../cluster/declaration/parse.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';
import type { Declarations as StoredDeclarations, StoredDeclaration } from './store/declarations.ts';

export interface Accepted {
  declaration: Declaration;
  revision: number;
}

/** Declarations by revision, parsed once: a revision never changes. */
export interface AcceptedDeclarations {
  /** @throws CkeError DeclarationMissing, DeclarationRefused */
  get(cluster: string, revision: number | 'latest'): Promise<Accepted>;
}

/** Kept per cluster: the one in force and the one before it. */
const keptPerCluster = 2;

export function acceptedDeclarations(stored: Pick<StoredDeclarations, 'get'>): AcceptedDeclarations {
  const parsed = new Map<string, Accepted[]>();
  return {
    async get(cluster, revision) {
      const known = parsed.get(cluster)?.find((one) => one.revision === revision);
      if (known) return known;
      const found = await stored.get(cluster, revision);
      if (found === undefined) throw missing(cluster, revision);
      const accepted = { declaration: declarationOf(cluster, found), revision: found.revision };
      const others = (parsed.get(cluster) ?? []).filter((one) => one.revision !== accepted.revision);
      parsed.set(cluster, [accepted, ...others].slice(0, keptPerCluster));
      return accepted;
    },
  };
}

/** A stored revision, parsed, with the CAs that count in it. @throws CkeError DeclarationRefused */
export function declarationOf(
  cluster: string,
  { text, trust }: Pick<StoredDeclaration, 'text' | 'trust'>,
): Declaration {
  return { ...readDeclaration(cluster, text), ...(trust && { trust }) };
}

/** @throws CkeError DeclarationRefused with every problem */
export function readDeclaration(cluster: string, text: string): Declaration {
  const result = parseDeclaration(text);
  if (result.outcome === 'accepted') return result.declaration;
  throw new CkeError({
    code: 'DeclarationRefused',
    message: `${cluster}: the declaration has ${result.problems.length} problems`,
    got: result.problems
      .map(({ path, want }) => `${path}: want ${want}`)
      .join('; ')
      .slice(0, 1000),
    fix: 'cke-client validate FILE tells all of them',
    remedy: 'never',
  });
}

/** Nothing was applied under this name, or it is no longer kept. */
export function missing(cluster: string, revision: number | 'latest'): CkeError {
  return new CkeError({
    code: 'DeclarationMissing',
    message:
      revision === 'latest' ? `${cluster} has no declaration yet` : `${cluster} has no revision ${revision} any more`,
    fix: 'cke-client apply cluster.yaml',
    remedy: 'never',
  });
}
