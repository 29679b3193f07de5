import { pluginAuthority } from '../cluster/certificates/certificate.ts';
import { trustedIssuers, type Rotation } from '../cluster/certificates/trust.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Vault } from './vault/vault.ts';

/** Certificates of plugins are verified by Vault itself, where they log in: reconcile does not reach it. */
interface LoginPorts {
  vault: Pick<Vault, 'kmsLoginDrift' | 'ensureKmsLoginTrust'>;
}

interface PluginRotation {
  declaration: Pick<Declaration, 'name'>;
  rotation: Rotation;
}

/** Why Vault does not let in plugins by exactly the CAs of this stage, as sentences. */
export async function missingInLogin({ vault }: LoginPorts, campaign: PluginRotation): Promise<string[]> {
  const drift = await vault.kmsLoginDrift(loginOf(campaign));
  return drift === undefined ? [] : [drift];
}

/** Has Vault let them in by exactly the CAs of this stage. May be repeated. */
export async function settleLogin({ vault }: LoginPorts, campaign: PluginRotation): Promise<void> {
  await vault.ensureKmsLoginTrust(loginOf(campaign));
}

function loginOf({ declaration, rotation }: PluginRotation) {
  return { cluster: declaration.name, issuers: trustedIssuers({ [pluginAuthority]: rotation }, pluginAuthority) ?? [] };
}
