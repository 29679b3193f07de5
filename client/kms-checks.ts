import type { TransitKey } from '../activities/vault/transit.ts';
import type { Vault } from '../activities/vault/vault.ts';
import { pluginAuthority } from '../cluster/certificates/certificate.ts';
import { openRotations, trustedIssuers } from '../cluster/certificates/trust.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { wrapsByVault } from '../cluster/declaration/encryption-provider.ts';
import { type EncryptionRecord, versionsInUse } from '../cluster/encryption/key-change.ts';
import { CkeError } from '../cluster/errors.ts';
import type { NodeView } from '../cluster/view.ts';
import { checked, type CheckResult } from './checks.ts';

export interface KmsFacts {
  cluster: string;
  declaration: Pick<Declaration, 'secrets_encryption' | 'trust'>;
  /** With what Secrets are encrypted, if it is on record. */
  record: EncryptionRecord | undefined;
  /** With the worker's AppRole. */
  vault: Pick<Vault, 'transitKey' | 'kmsLoginDrift'>;
}

/** What the provider `kms` needs of Vault; nothing where neither the declaration nor a Secret needs it. */
export async function kmsChecks(facts: KmsFacts): Promise<CheckResult[]> {
  const { declaration, record } = facts;
  const needs = wrapsByVault(declaration) || versionsNeeded(record).length > 0;
  if (!needs) return [];
  return [
    await checked('transit key', () => checkTransitKey(facts)),
    await checked('vault-kms login', () => checkLogin(facts)),
  ];
}

const versionsNeeded = (record: EncryptionRecord | undefined): number[] => (record ? versionsInUse(record) : []);

async function checkTransitKey({ cluster, record, vault }: KmsFacts): Promise<string> {
  const key = await vault.transitKey({ cluster });
  const needed = versionsNeeded(record);
  demandVersions(cluster, { key, needed });
  const uses = needed.length === 0 ? 'no Secret needs it yet' : `Secrets need ${needed.map(String).join(' and ')}`;
  return `versions ${key.oldest} to ${key.latest} unwrap; ${uses}`;
}

function demandVersions(cluster: string, { key, needed }: { key: TransitKey; needed: number[] }): void {
  const [least, most] = [Math.min(key.latest, ...needed), Math.max(0, ...needed)];
  if (key.latest < most)
    throw new CkeError({
      code: 'VaultFailed',
      message: `${cluster}: the transit key is another one than Secrets were written with`,
      got: `its newest version is ${key.latest}`,
      want: `version ${most}, which Secrets name`,
      fix: 'restore Vault from a backup that has this version: what it has wrapped can be read with nothing else',
      remedy: 'never',
    });
  if (key.oldest > least)
    throw new CkeError({
      code: 'VaultFailed',
      message: `${cluster}: Vault does not unwrap what version ${least} of the transit key has wrapped, and Secrets need it`,
      got: `min_decryption_version ${key.oldest}`,
      want: `${least} or lower`,
      fix: `vault write cke/${cluster}/transit/keys/secrets/config min_decryption_version=${least}`,
      remedy: 'never',
    });
}

async function checkLogin({ cluster, declaration: { trust }, vault }: KmsFacts): Promise<string> {
  const issuers = trustedIssuers(trust, pluginAuthority);
  const drift = await vault.kmsLoginDrift({ cluster, ...(issuers && { issuers }) });
  if (drift === undefined) return `lets plugins in by ${issuers === undefined ? 'their CA' : issuers.join(' and ')}`;
  const isRotated = openRotations(trust).some(({ of }) => of === pluginAuthority);
  throw new CkeError({
    code: 'VaultFailed',
    message: `${cluster}: ${drift}`,
    fix: isRotated
      ? `the rotation of ${pluginAuthority} sees to it; how far it is: cke-client status`
      : `cke-client init ${cluster} --kms-from CIDR, for each network that the control planes are in`,
    remedy: 'never',
  });
}

/** Whether each plugin is logged in, where a node is to run one. */
export async function pluginChecks(nodes: readonly NodeView[]): Promise<CheckResult[]> {
  const plugins = nodes.flatMap(({ name, components }) =>
    components.filter(({ component }) => component === 'vault-kms').map((plugin) => ({ name, plugin })),
  );
  return Promise.all(
    plugins.map(({ name, plugin: { state, health, lastLog } }) =>
      checked(`vault-kms ${name}`, async () => {
        if (state === 'running' && health === 'healthy') return 'is logged in to Vault';
        const said = lastLog?.at(-1);
        throw new CkeError({
          code: 'NotHealthy',
          node: name,
          message: `vault-kms on ${name} is not logged in to Vault: it is ${state}, ${health}`,
          ...(said !== undefined && { got: said }),
          fix: `cke-client why ${name}`,
          remedy: 'retry',
        });
      }),
    ),
  );
}
