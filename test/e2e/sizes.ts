import { declaredNames, nodeEntry, writeDeclaration } from './declaration.ts';
import { apply, figure, seconds, untilConverged } from './story.ts';

/** A machine that the lab gets for stories about five control planes. */
export const otherSpare = 'spare-2';

interface Wish {
  /** `rolling`: the declaration accepts that no majority of the control planes stays (`update_strategy.rolling_replace`). */
  readonly replaced?: 'rolling';
}

/** Writes a declaration with these machines as control planes, and the workers; returns the file's path. */
export function withControlPlanes(names: readonly string[], { replaced }: Wish = {}): string {
  const workers = declaredNames.filter((name) => name.startsWith('worker-'));
  const nodes = [
    ...names.map((name) => ({ ...nodeEntry(name), control_plane: true })),
    ...workers.map((name) => nodeEntry(name)),
  ];
  return writeDeclaration((document) => {
    document.set('nodes', document.createNode(nodes));
    if (replaced === 'rolling') document.setIn(['update_strategy', 'rolling_replace'], true);
  });
}

/** On a busy machine the first operation may have given something up: what it was is made up for without a hand. */
export async function applyAndFinish(what: string, file: string): Promise<void> {
  const begun = performance.now();
  const report = await apply(file);
  if (report.outcome !== 'converged') await untilConverged(300);
  figure(`${what}: ${report.outcome}`, seconds(performance.now() - begun));
}
