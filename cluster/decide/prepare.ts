import { isPrepared, nothing, usableNode, type PhaseRule } from './facts.ts';

/** Nodes that were never prepared: preflight, images, and the file container, before anything else touches them. */
export const prepare: PhaseRule = (facts) => {
  const fresh = facts.declaration.nodes.filter(({ name }) => {
    const seen = usableNode(facts, name);
    return seen !== undefined && !isPrepared(seen);
  });
  if (fresh.length === 0) return nothing;
  const targets = fresh.map(({ name }) => ({ node: name, because: 'the node is new' }));
  return { ...nothing, steps: [{ kind: 'prepare-nodes', targets, disruption: 'none' }] };
};
