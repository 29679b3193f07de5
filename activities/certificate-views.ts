import { viewCertificates } from '../cluster/certificates/view.ts';
import { componentsOf } from '../cluster/components/component-spec.ts';
import type { Declaration, NodeDeclaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';
import type { FileCheck, ViewActivities } from './contracts/operations.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import { observeCluster } from './observe/observe-cluster.ts';
import type { ObservePorts } from './observe/ports.ts';

interface CertificateViewPorts {
  declarations: AcceptedDeclarations;
  observe: ObservePorts;
}

/** What people ask about certificates and files. */
export function certificateViewActivities({
  declarations,
  observe,
}: CertificateViewPorts): Pick<ViewActivities, 'certificates' | 'checkFiles'> {
  return {
    certificates: async ({ cluster, ...scope }) => {
      const { declaration } = await declarations.get(cluster, 'latest');
      return viewCertificates({ declaration, observation: await observeCluster(observe, declaration) }, scope);
    },

    checkFiles: async ({ cluster, node: only }) => {
      const { declaration } = await declarations.get(cluster, 'latest');
      const nodes = declaration.nodes.filter(({ name }) => (only ?? name) === name);
      const unchecked = await Promise.all(nodes.map((node) => check(observe, declaration, node)));
      const { nodes: seen } = await observeCluster(observe, declaration);
      return unchecked.map((one): FileCheck => {
        if (one.because !== undefined) return { node: one.node, state: 'unknown', because: one.because };
        const found = seen[one.node];
        if (found?.state !== 'observed') return { node: one.node, state: 'unknown', because: found?.because ?? '' };
        const declared = declaration.nodes.find(({ name }) => name === one.node);
        const components = declared === undefined ? [] : componentsOf(declaration, declared);
        const damage = components.flatMap((name) => {
          const because = found.damage?.[name];
          return because === undefined ? [] : [`${name}: ${because}`];
        });
        return { node: one.node, state: 'checked', damage };
      });
    },
  };
}

/** The result stands on the node, where every worker sees it. */
async function check(
  { nodes }: ObservePorts,
  declaration: Declaration,
  node: NodeDeclaration,
): Promise<{ node: string; because?: string }> {
  try {
    await nodes.files(declaration, node).check();
    return { node: node.name };
  } catch (error) {
    if (error instanceof CkeError) return { node: node.name, because: error.complaint.message };
    throw error;
  }
}
