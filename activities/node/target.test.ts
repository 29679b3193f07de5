import { expect, test } from 'vitest';
import { accepted, document, worker } from '../../cluster/declaration/testing/minimal.ts';
import { bastionTarget, nodeTarget } from './target.ts';

function targetOf(text: string) {
  const declaration = accepted(text);
  const node = declaration.nodes[1];
  if (node === undefined) throw new Error('no second node');
  return nodeTarget(declaration, node);
}

test('a node without SSH options', () => {
  expect(targetOf(document())).toEqual({
    cluster: 'demo',
    name: 'worker-1',
    address: '10.0.0.21',
    port: 22,
    user: 'cke',
  });
});

test('a node with a host key, behind a bastion', () => {
  const hostKey = `SHA256:${'A'.repeat(43)}`;
  const fields = worker(`address: 10.0.0.21, hostname: worker-1, user: cke, ssh: {port: 2222, host_key: "${hostKey}"}`);
  const ssh = 'ssh:\n  bastion: {address: 192.0.2.1, user: jump}';
  const target = targetOf(document({ ...fields, ssh }));
  expect(target).toMatchObject({ port: 2222, hostKey, bastion: { address: '192.0.2.1', port: 22, user: 'jump' } });
  expect(target.bastion && bastionTarget(target, target.bastion)).toMatchObject({
    cluster: 'demo',
    address: '192.0.2.1',
  });
});
