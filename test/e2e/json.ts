/** What a program of ours or of Kubernetes printed, taken for what its documentation promises. Throws SyntaxError for no JSON. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it expects
export function fromJson<T>(text: string): T {
  const value: T = JSON.parse(text);
  return value;
}
