/**
 * A pure function that remembers its result for each object that it was asked about, for as long as the object lives. Only for
 * objects that nobody changes: declarations, specs, the facts of one decision.
 */
export function memoByIdentity<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { made: V }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.made;
    const made = make(key);
    known.set(key, { made });
    return made;
  };
}
