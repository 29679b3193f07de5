import { declaredNames, nodeEntry, writeDeclaration } from './declaration.ts';

/** A machine that the lab gets for stories about five control planes. */
export const otherSpare = 'spare-2';

/** Writes a declaration with these machines as control planes, and the workers; returns the file's path. */
export function withControlPlanes(names: readonly string[]): string {
  const workers = declaredNames.filter((name) => name.startsWith('worker-'));
  const nodes = [
    ...names.map((name) => ({ ...nodeEntry(name), control_plane: true })),
    ...workers.map((name) => nodeEntry(name)),
  ];
  return writeDeclaration((document) => document.set('nodes', document.createNode(nodes)));
}
