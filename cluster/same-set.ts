/** Whether two lists have the same entries, in whatever order and however often. */
export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.every((one) => b.includes(one)) && b.every((one) => a.includes(one));
}
