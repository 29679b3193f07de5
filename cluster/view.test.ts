import { expect, test } from 'vitest';
import { converged } from './decide/testing/fleet.ts';
import { viewCluster } from './view.ts';

test('a former control plane shows what it runs still, and nothing of that differs from anything', () => {
  const { declaration, observation } = converged();
  const nodes = declaration.nodes.map((node) => (node.name === 'cp-3' ? { ...node, control_plane: false } : node));
  const view = viewCluster({ declaration: { ...declaration, nodes }, revision: 2, observation });
  const server = view.nodes.find(({ name }) => name === 'cp-3')?.components.find(isServer);
  expect(server).toMatchObject({ state: 'running', version: `v${declaration.kubernetes_version}` });
  expect(server?.drift).toBeUndefined();
  expect(view.nodes.find(({ name }) => name === 'worker-1')?.components.some(isServer)).toBe(false);
});

const isServer = ({ component }: { component: string }): boolean => component === 'kube-apiserver';
