import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import { attributeChanges, type AttributeChanges } from '../../cluster/node-attributes/attribute-changes.ts';
import { ownedTogether } from '../../cluster/node-attributes/owned-keys.ts';
import type { OwnedAttributes } from '../../cluster/observation.ts';
import { classifyKubernetesError } from './failure.ts';
import { nodeOf } from './nodes.ts';
import { fieldManager } from '../../cluster/resources/object-drift.ts';
import type { ApiServer } from './servers.ts';

/** A kubelet that has just started writes to its Node object several times a second. */
const attempts = 10;

export interface NodeUpdate {
  declaration: Declaration;
  node: NodeDeclaration;
  /** The record of what we set on this node. */
  owned: OwnedAttributes;
  /** Stores a record that covers what is about to be changed: called before the change. */
  claim: (owned: OwnedAttributes) => Promise<void>;
}

/**
 * Brings labels, annotations and taints of a Node object to what is declared, by read-modify-write. Returns what is ours now,
 * to be recorded. Can be repeated.
 */
export async function updateNodeAt(
  { core }: ApiServer,
  { declaration, node, owned, claim }: NodeUpdate,
): Promise<OwnedAttributes> {
  for (let attempt = 1; ; attempt++) {
    const live = await core.readNode({ name: node.name });
    const changes = attributeChanges({ declaration, node, live: nodeOf(live), owned });
    if (changes === undefined) return owned;
    await claim(ownedTogether(owned, changes.owned));
    try {
      await core.patchNode(
        { name: node.name, body: patchOf(changes, live.metadata?.resourceVersion), fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
      return changes.owned;
    } catch (error) {
      if (attempt === attempts || classifyKubernetesError(error).kind !== 'conflict') throw error;
    }
  }
}

/** With the version that was read: taints are a list, which a patch replaces as a whole. */
function patchOf({ labels, annotations, taints }: AttributeChanges, resourceVersion: string | undefined): object {
  return {
    metadata: { ...(resourceVersion !== undefined && { resourceVersion }), labels, annotations },
    ...(taints !== undefined && {
      spec: { taints: taints.map(({ value, ...taint }) => ({ ...taint, ...(value !== '' && { value }) })) },
    }),
  };
}
