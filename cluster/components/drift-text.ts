/** A value as part of a sentence: cut when it is long. */
export function quoted(text: string): string {
  return text === '' ? '""' : shorten(text, 60);
}

/** The text, cut to so many characters with an ellipsis. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The first three names, and how many more there are. */
export function list(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

/**
 * How a list of texts has changed, in words such as `args: --v=2 → --v=4`: entries of one name (by `nameOf`) are paired.
 * Only the order differing is said to be just that.
 */
export function listDrift(
  field: string,
  made: string[],
  wanted: string[],
  nameOf: (entry: string) => string,
): string[] {
  const gone = without(made, wanted);
  const added = without(wanted, made);
  if (gone.length === 0 && added.length === 0) {
    return made.join('\n') === wanted.join('\n') ? [] : [`${field}: in another order`];
  }
  const changes = gone.map((entry) => {
    const partner = added.findIndex((other) => nameOf(other) === nameOf(entry));
    const to = partner < 0 ? undefined : added.splice(partner, 1)[0];
    return to === undefined ? `${quoted(entry)} removed` : `${quoted(entry)} → ${quoted(to)}`;
  });
  return [`${field}: ${list([...changes, ...added.map((entry) => `${quoted(entry)} added`)])}`];
}

/** The entries of `these` that `those` does not have, each counted. */
function without(these: string[], those: string[]): string[] {
  const rest = [...those];
  return these.filter((entry) => {
    const at = rest.indexOf(entry);
    if (at < 0) return true;
    rest.splice(at, 1);
    return false;
  });
}
