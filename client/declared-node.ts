import type { Declaration, NodeDeclaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';

/** The node of this name. @throws CkeError InvalidRequest, with the names that there are */
export function declaredNode({ name: cluster, nodes }: Declaration, name: string): NodeDeclaration {
  const found = nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `${cluster} has no node ${name}`,
    got: nodes
      .slice(0, 20)
      .map((node) => node.name)
      .join(', '),
    remedy: 'never',
  });
}
