import { expect, test } from 'vitest';
import { followNode } from './follow-node.ts';
import type { FollowEvents } from './node/container-events.ts';

/** A node whose connection stands or is refused in turn; after the last turn it is left. */
async function reasonsOf(
  turns: readonly ('stands, then breaks' | 'refused')[],
  begun: 'at first' | 'again' = 'at first',
) {
  const reasons: string[] = [];
  const controller = new AbortController();
  const left = [...turns];
  const events = async ({ onOpen }: FollowEvents) => {
    const turn = left.shift();
    if (turn === undefined) return controller.abort();
    if (turn !== 'refused') onOpen?.();
    throw new Error('the connection is gone');
  };
  const alarms = { ring: ({ because }: { because: string }) => reasons.push(because), started: () => undefined };
  await followNode({
    node: 'cp-2',
    docker: { events },
    alarms,
    begun,
    signal: controller.signal,
    reconnectMilliseconds: 1,
  });
  return reasons;
}

const stops = 'cp-2 stopped answering';
const again = 'cp-2 answers again';

test('each time a node stops answering it is told, not only the first time', async () => {
  expect(await reasonsOf(['stands, then breaks', 'refused', 'refused', 'stands, then breaks', 'refused'])).toEqual([
    stops,
    again,
    stops,
  ]);
});

test('a node that has never answered is told once', async () => {
  expect(await reasonsOf(['refused', 'refused', 'refused'])).toEqual([stops]);
});

test('whoever takes the watch over says that it was interrupted', async () => {
  expect(await reasonsOf(['stands, then breaks'], 'again')).toEqual(['the watch of the nodes was interrupted', stops]);
});
