import { runs } from '../components/component-spec.ts';
import type { NodeDeclaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { kmsServerCipher } from '../encryption/cipher.ts';
import { ciphersOf } from '../encryption/key-change.ts';
import { givenCiphers } from '../encryption/serving.ts';
import type { Blocker, Wait } from '../plan.ts';
import { placements, usableNode, type Facts, type PhaseRule, type Placement } from './facts.ts';
import { hasWantedSpec, isHealthy, sayHealth } from './placement.ts';
import { rollOut } from './rollout.ts';

/**
 * vault-kms on the control planes, before the API servers that need it. It ends when Vault does not let it in, and Docker starts it again until
 * it does: that is waited for, and nothing that anybody has to cure here.
 */
export const kmsPlugins: PhaseRule = (facts) => {
  const nodes = controlPlanes(facts.declaration).filter((node) => runs(facts.declaration, node, 'vault-kms'));
  const { blockers, waits, ...brought } = rollOut(placements(facts, 'vault-kms', nodes), { atOnce: 1 });
  return { ...brought, blockers: [], waits: [...waits, ...blockers.map(asWait)] };
};

const asWait = ({ node = '', because }: Blocker): Wait => ({ on: `vault-kms on ${node}`, because });

/** Why an API server that is to ask the plugin is not made yet: without it it could read no Secret. */
export function whyNoPlugin(facts: Facts, { node, container, drift }: Placement): string | undefined {
  if (container !== undefined && drift === undefined) return undefined;
  if (!isPluginWanted(facts)) return undefined;
  const [plugin] = placements(facts, 'vault-kms', [node]);
  if (plugin !== undefined && isHealthy(plugin) && hasWantedSpec(plugin)) return undefined;
  const said = plugin?.container?.lastLog?.at(-1);
  const state = plugin === undefined ? 'it is not there' : (plugin.drift ?? sayHealth(plugin));
  const words = said === undefined ? '' : `; it says: ${said}`;
  return `vault-kms on ${node.name} comes first: ${state}${words}${isDeclared(facts, node) ? '' : leftTooSoon}`;
}

const isDeclared = ({ declaration }: Facts, node: NodeDeclaration): boolean => runs(declaration, node, 'vault-kms');

/** Its Vault is told nowhere else: what has died meanwhile can't be made again. */
const leftTooSoon =
  '; Secrets need it still, and no Vault is declared for it: declare provider kms with its vault again, until secrets rotate-key has ended';

/** Whether an API server of this node asks the plugin, or is about to: then it stays, whatever is declared. */
export function isPluginInUse(facts: Facts, node: NodeDeclaration): boolean {
  const server = usableNode(facts, node.name)?.containers['kube-apiserver'];
  const given = server && givenCiphers(server);
  return (node.control_plane && isPluginWanted(facts)) || (given?.split(',').includes(kmsServerCipher) ?? false);
}

function isPluginWanted({ observation: { records } }: Facts): boolean {
  return records.encryption !== undefined && ciphersOf(records.encryption).includes(kmsServerCipher);
}
