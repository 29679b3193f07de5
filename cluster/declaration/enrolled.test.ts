import { expect, test } from 'vitest';
import { departedNodes } from './enrolled.ts';

const ssh = { port: 22 };
const onRecord = { 'cp-3': { address: '10.0.0.13', user: 'cke', control_plane: true, ssh } };

test.each([
  ['it is declared', [{ name: 'cp-3', address: '10.0.0.13' }], []],
  ['it is declared no more', [{ name: 'cp-1', address: '10.0.0.11' }], ['cp-3']],
  ['its machine is in use under another name', [{ name: 'cp-7', address: '10.0.0.13' }], []],
])('which nodes on record have left: %s', (_, nodes, wanted) => {
  const rest = { user: 'cke', control_plane: true, ssh, labels: {}, annotations: {}, taints: [] };
  const declared = nodes.map((node) => ({ ...rest, ...node }));
  expect(departedNodes({ nodes: declared }, onRecord).map(({ name }) => name)).toEqual(wanted);
});
