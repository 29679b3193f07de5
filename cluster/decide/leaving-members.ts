import { isControlPlane } from '../declaration/nodes.ts';
import type { EtcdMember } from '../observation.ts';
import type { Facts } from './facts.ts';

/** Members that decide() handles here: everybody else's health is told as a fault. */
export function isLeaving({ declaration }: Facts, { node, role }: EtcdMember): boolean {
  return role === 'learner' || !isControlPlane(declaration, node);
}
