import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const shipped = ['cluster', 'workflows', 'activities', 'worker', 'client'];

/** Lines of what is shipped that have this in them, each with its file: what no source says nobody can have etcd do. */
function linesWith(text: string): string[] {
  return sources.flatMap(({ file, lines }) =>
    lines.filter((line) => line.includes(text)).map((line) => `${file}: ${line.trim()}`),
  );
}

const sources = shipped.flatMap((room) =>
  readdirSync(new URL(room, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => ({
      file: `${room}/${file}`,
      lines: readFileSync(new URL(`${room}/${file}`, root), 'utf8').split('\n'),
    })),
);

test.each([
  [
    'members are added as learners: there is no other way (I-05)',
    '.memberAdd(',
    /memberAdd\(\{ [^}]*isLearner: true \}\)/,
  ],
  ['members are removed by their id (I-11)', '.memberRemove(', /memberRemove\(\{ ID: id \}\)/],
  ['learners are promoted by their id (I-11)', '.memberPromote(', /memberPromote\(\{ ID: id \}\)/],
])('%s, and in one place only', (_, call, as) => {
  const lines = linesWith(call);
  expect(lines).toEqual([expect.stringMatching(as)]);
  expect(lines[0]).toMatch(/^activities\/etcd\/gateway\.ts: /u);
});

test.each([
  ['a member’s peer URL is never changed: older servers would promote a learner by it (I-16)', 'memberUpdate'],
  ['no member is defragmented, so that nothing has to wait for that (I-15)', 'defragment'],
  [
    'no cluster is made of one member’s data, so that no directory of before has to be kept (W-09)',
    '--force-new-cluster',
  ],
])('%s', (_, forbidden) => expect(linesWith(forbidden)).toEqual([]));
