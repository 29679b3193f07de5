import { canonicalJson } from '../canonical.ts';
import type { NodeDeclaration } from '../declaration/declaration.ts';
import { enrolled } from '../declaration/enrolled.ts';
import { memoByIdentity } from '../memo.ts';
import type { EnrolledNode } from '../observation.ts';
import type { Target } from '../steps/base.ts';
import { isPrepared, nothing, usableNode, type Facts, type PhaseRule } from './facts.ts';

/** Nodes that were never prepared: preflight, images, and the file container, before anything else touches them. */
export const prepare: PhaseRule = (facts) => {
  const targets = facts.declaration.nodes.flatMap((node): Target[] => {
    const seen = usableNode(facts, node.name);
    if (seen === undefined) return [];
    if (!isPrepared(seen)) return [{ node: node.name, because: 'the node is new' }];
    return isOnRecord(facts, node) ? [] : [{ node: node.name, because: 'how it is reached is not on record yet' }];
  });
  if (targets.length === 0) return nothing;
  return { ...nothing, steps: [{ kind: 'prepare-nodes', targets, disruption: 'none' }] };
};

const enrolledAs = memoByIdentity(enrolled);
const textOf: (node: EnrolledNode) => string = memoByIdentity(canonicalJson);

/** A node that leaves the declaration some day can only be cleaned when it is known then how it was reached. */
function isOnRecord({ observation: { records } }: Facts, node: NodeDeclaration): boolean {
  if (records.nodes === undefined) return true;
  const known = records.nodes[node.name];
  return known !== undefined && textOf(known) === textOf(enrolledAs(node));
}
