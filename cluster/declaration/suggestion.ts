/** The known name that a mistyped one was most likely meant to be; undefined when none is near. */
export function nearest(mistyped: string, known: readonly string[]): string | undefined {
  const plain = folded(mistyped);
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plain, folded(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(plain.length / 3)) ? best.name : undefined;
}

/** Spelling without case and separators, so that `serviceSubnet` and `service-subnet` are near `service_subnet`. */
function folded(name: string): string {
  return name.slice(0, 100).toLowerCase().replaceAll(/[-_.]/g, '');
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
