import { isCancellation } from '@temporalio/workflow';

/**
 * Runs `visit` on every item with at most `lanes` under way, and waits for all of them. A cancellation lets those under way end,
 * starts no more, and is thrown then; other failures are in the results.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  lanes: number,
  visit: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  const queue = [...items.entries()];
  let cancellation: { reason: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && cancellation === undefined; next = queue.shift()) {
      const [index, item] = next;
      try {
        results[index] = { status: 'fulfilled', value: await visit(item) };
      } catch (reason) {
        if (isCancellation(reason)) cancellation = { reason };
        results[index] = { status: 'rejected', reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  if (cancellation !== undefined) throw cancellation.reason;
  return results;
}
