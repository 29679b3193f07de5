import { expect, test } from 'vitest';
import { parseDeclaration } from '../../cluster/declaration/parse.ts';
import type { NodeDocker } from '../node/docker.ts';
import { observeNode } from './observe-node.ts';

const text = `
name: ours
kubernetes_version: 1.34.4
service_subnet: 10.96.0.0/16
nodes: [{ address: 10.0.0.11, user: cke, control_plane: true }]
`;

const unused = () => Promise.reject(new Error('not asked for'));

async function preflightWith(cluster: string) {
  const parsing = parseDeclaration(text);
  if (parsing.outcome !== 'accepted') throw new Error(JSON.stringify(parsing.problems));
  const { declaration } = parsing;
  const [node] = declaration.nodes;
  if (node === undefined) throw new Error('no node');
  const files = {
    id: 'f1',
    name: 'cke-files',
    image: 'x',
    labels: { 'cke.cluster': cluster },
    state: 'exited' as const,
  };
  const docker: Partial<NodeDocker> = { list: () => Promise.resolve([{ ...files, upSeconds: 0 }]) };
  const seen = await observeNode({
    declaration,
    node,
    records: { etcd: { state: 'never' }, ownedAttributes: {}, cniConfigurations: {} } as never,
    docker: docker as NodeDocker,
    files: unused as never,
    fileCheck: 'as checked last',
    authorityBundle: unused,
    health: unused,
  });
  return seen.state === 'observed' ? seen.preflight : seen.because;
}

test.each([
  ['ours', 'passed'],
  ['another', 'unknown'],
])(
  'a node whose file container is of cluster %s: has it passed the preflight for ours? %s',
  async (cluster, wanted) => {
    expect(await preflightWith(cluster)).toBe(wanted);
  },
);
