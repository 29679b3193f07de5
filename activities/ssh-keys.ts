import type { Declaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';
import type { SshKeyActivities } from './contracts/access.ts';
import type { AcceptedDeclarations } from './declarations.ts';
import type { AuthorizedKeys } from './node/authorized-keys.ts';
import type { Nodes } from './node/nodes.ts';
import { bastionTarget, nodeTarget, type NodeTarget } from './node/target.ts';
import { publicLineOf, type SshKeys } from './vault/ssh-keys.ts';
import type { Vault } from './vault/vault.ts';

interface SshKeyPorts {
  declarations: AcceptedDeclarations;
  nodes: Pick<Nodes, 'authorizedKeys'>;
  vault: Pick<Vault, 'sshKeys'>;
}

/** The servers' part of another SSH key: what is to be done follows from the keys that Vault has, so that each may be repeated. */
export function sshKeyActivities({ declarations, nodes, vault }: SshKeyPorts): SshKeyActivities {
  const at = async (cluster: string, server: string): Promise<Place> => {
    const { declaration } = await declarations.get(cluster, 'latest');
    const target = targetsOf(declaration).find(({ name }) => name === server);
    if (target === undefined) throw gone(cluster, server);
    const keys = await vault.sshKeys({ cluster });
    return { target, keys, door: nodes.authorizedKeys(declaration, target) };
  };
  return {
    async serversOfSshKey({ cluster }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      const { own } = await vault.sshKeys({ cluster });
      const targets = targetsOf(declaration);
      return {
        servers: targets.flatMap(({ name, address }) => (own.includes(address) ? [] : [name])),
        own: targets.flatMap(({ name, address }) => (own.includes(address) ? [name] : [])),
      };
    },

    async authoriseNextKey({ cluster, node }) {
      const { target, keys, door } = await at(cluster, node);
      if (keys.next === undefined) return;
      await door.add(publicLineOf(keys.next, `cke-${cluster}`));
      if ((await door.tryKey(keys.next)) === 'is refused')
        throw untrue(target, 'sshd still refuses the new key, which was added: it reads another file');
    },

    async withdrawPreviousKey({ cluster, node }) {
      const { target, keys, door } = await at(cluster, node);
      if (keys.previous === undefined) return;
      if ((await door.tryKey(keys.current)) === 'is refused')
        throw untrue(target, 'sshd refuses the new key: the old one was left there');
      await door.remove(publicLineOf(keys.previous, `cke-${cluster}`));
      if ((await door.tryKey(keys.previous)) === 'opens')
        throw untrue(target, 'sshd still accepts the old key, which was removed: it reads another file, too');
    },
  };
}

interface Place {
  target: NodeTarget;
  keys: SshKeys;
  door: AuthorizedKeys;
}

/** Nodes, and the bastion before them: they are opened by the same key. */
function targetsOf(declaration: Declaration): NodeTarget[] {
  const targets = declaration.nodes.map((node) => nodeTarget(declaration, node));
  const [first] = targets;
  return first?.bastion === undefined ? targets : [bastionTarget(first, first.bastion), ...targets];
}

function gone(cluster: string, server: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `${server} is no node of ${cluster} any more`,
    remedy: 'never',
  });
}

function untrue({ name, address, user }: NodeTarget, sentence: string): CkeError {
  return new CkeError({
    code: 'NodeAuthentication',
    message: `${name} (${address}): ${sentence}`,
    node: name,
    fix: `see AuthorizedKeysFile in its sshd_config; ${user} must be opened by ssh.authorized_keys_file of the declaration alone`,
    remedy: 'never',
  });
}
