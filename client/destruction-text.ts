import type { DestructionProgress } from '../workflows/contracts.ts';
import { count } from './output.ts';

/** What `destroy` tells while it goes on: each node once, when something is known of it. Pure. */
export function freshLines(before: DestructionProgress | undefined, now: DestructionProgress): string[] {
  const known = new Set([...(before?.cleaned ?? []), ...(before?.left ?? []).map(({ node }) => node)]);
  const began = now.stage !== before?.stage && now.stage !== 'beginning' && now.stage !== 'done';
  return [
    ...now.cleaned.filter((node) => !known.has(node)).map((node) => `✓ ${node} is clean`),
    ...now.left.filter(({ node }) => !known.has(node)).map(({ node, because }) => `! ${node} is left: ${because}`),
    ...(began ? [`taking the ${now.stage} apart`] : []),
  ];
}

/** How it ended, and what still lies where. */
export function destroyedText(cluster: string, { cleaned, left, data }: DestructionProgress): string {
  const rest = left.map(({ node, because }) => `  ${node}: ${because}`);
  const kept = data === 'trash' ? ['etcd’s data lie below /var/lib/<volume>/trash of each control plane.'] : [];
  return [
    `${cluster} is destroyed: ${count(cleaned.length, 'node')} clean${left.length === 0 ? '.' : `, ${count(left.length, 'node')} not:`}`,
    ...rest,
    ...kept,
    'Pods that ran may go on in the nodes’ container runtime until a reboot. Vault keeps the CAs and secrets, the history is kept.',
    left.length === 0
      ? 'Next: cke-client apply cluster.yaml builds a new one under this name'
      : `Next: cke-client destroy --cluster ${cluster}, when they answer again`,
  ].join('\n');
}
