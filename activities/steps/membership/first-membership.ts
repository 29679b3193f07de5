import { randomBytes } from 'node:crypto';
import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import { controlPlanes } from '../../../cluster/declaration/nodes.ts';
import type { Membership } from '../../../cluster/observation.ts';

/** A membership that nothing has run for yet, with a directory that nobody else's data are in. */
export function firstMembership(): Membership {
  return { directory: `m-${randomBytes(6).toString('hex')}`, state: 'first-start' };
}

/** What a new cluster of all control planes is put on record with: a token of its own (finding 12), and a membership for each. */
export function founding(declaration: Pick<Declaration, 'nodes'>) {
  return {
    token: `cke-${randomBytes(16).toString('hex')}`,
    memberships: Object.fromEntries(controlPlanes(declaration).map(({ name }) => [name, firstMembership()])),
  };
}
