import { nameOf, type ResourceKey } from '../../cluster/resources/user/resource-key.ts';
import type { AppliedResource } from '../../cluster/resources/user/applied.ts';
import { CkeError } from '../../cluster/errors.ts';
import { nearest } from '../../cluster/declaration/suggestion.ts';
import type { Definitions } from './wish.ts';

/** How far a resource has come, from the records alone. */
export interface ResourceState {
  key: ResourceKey;
  state: 'applied' | 'to be applied' | 'refused' | 'to be deleted';
  because?: string;
  by?: string;
  at?: string;
}

/** All that are defined, and all that are to be deleted; by key. */
export function statesOf(defined: Definitions, applied: ReadonlyMap<ResourceKey, AppliedResource>): ResourceState[] {
  const wanted = [...defined].map(([key, { resource, revision }]): ResourceState => {
    const known = applied.get(key);
    const { by, at } = resource;
    if (known?.refused?.revision === revision) return { key, state: 'refused', because: known.refused.because, by, at };
    return { key, state: known?.revision === revision ? 'applied' : 'to be applied', by, at };
  });
  const unwanted = [...applied]
    .filter(([key]) => !defined.has(key))
    .map(([key, { refused }]): ResourceState => ({
      key,
      state: 'to be deleted',
      ...(refused && { because: refused.because }),
    }));
  return [...wanted, ...unwanted].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * The resource that a person means by a kind, in any case and with or without its group, and `[NAMESPACE/]NAME`.
 * @throws CkeError InvalidRequest when there is none, or several
 */
export function meant(known: readonly ResourceKey[], kind: string, place: string): ResourceKey {
  const [name = '', namespace] = place.split('/').toReversed();
  const found = known.filter((key) => {
    const one = nameOf(key);
    const kinds = [one.kind, `${one.kind}.${one.group}`].map((text) => text.toLowerCase());
    const there = namespace === undefined || one.namespace === namespace;
    return kinds.includes(kind.toLowerCase()) && one.name === name && there;
  });
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const said = known.map((key) => `${nameOf(key).kind} ${placeOf(key)}`);
  const near = nearest(`${kind} ${place}`, said);
  throw new CkeError({
    code: 'InvalidRequest',
    message: only === undefined ? `no ${kind} ${place} is defined here` : `which ${kind} ${place}? There are several`,
    ...(only === undefined ? {} : { got: found.map((key) => placeOf(key)).join(', ') }),
    fix:
      only === undefined && near !== undefined ? `did you mean ${near}?` : 'cke-client resource list tells all of them',
    remedy: 'never',
  });
}

function placeOf(key: ResourceKey): string {
  const { namespace, name } = nameOf(key);
  return namespace === undefined ? name : `${namespace}/${name}`;
}
