import type { Declaration } from './declaration.ts';
import { problemAt, type Problem } from './problem.ts';

/** Machines that another cluster of this manager has: declared there, or still to be cleaned. */
export interface OtherCluster {
  cluster: string;
  nodes: { name: string; address: string }[];
}

/** A machine belongs to one cluster of a manager at a time: rules D-10, 60. Pure. */
export function judgeEnrolment({ nodes }: Pick<Declaration, 'nodes'>, others: OtherCluster[]): Problem[] {
  const owners = new Map(
    others.flatMap(({ cluster, nodes: theirs }) => theirs.map((node) => [node.address, { cluster, ...node }] as const)),
  );
  return nodes.flatMap(({ address }, index) => {
    const owner = owners.get(address);
    if (owner === undefined) return [];
    const finding = {
      code: 'enrolled-elsewhere',
      want: 'a machine that no other cluster of this manager has',
      hint: `it is ${owner.name} of cluster ${owner.cluster}: take it out of that declaration first, and wait until cke-client status --cluster ${owner.cluster} does not list it any more`,
    };
    return [problemAt(['nodes', index, 'address'], address, finding)];
  });
}
