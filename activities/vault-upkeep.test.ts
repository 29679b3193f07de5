import { expect, test } from 'vitest';
import { byVault } from '../cluster/decide/testing/fleet.ts';
import { vaultUpkeepActivities } from './vault-upkeep.ts';

const text = (encryption: string) => `name: alpha
nodes:
  - {address: 10.0.0.11, hostname: cp-1, user: cke, control_plane: true}
service_subnet: 10.96.0.0/16
pod_subnet: 10.244.0.0/16
secrets_encryption: ${encryption}
`;

const revision = { revision: 1, by: 'ann@bastion', at: '2026-01-01T00:00:00Z' };

/** The authorities that Vault is told to tidy when it is asked for the plugin's and another one. */
async function tidied(stored: string | undefined): Promise<string[]> {
  const told: string[] = [];
  const upkeep = vaultUpkeepActivities({
    vault: {
      tidy: async ({ authority }) => void told.push(authority),
      renewSecretId: async () => 'kept',
    },
    store: { declarations: { get: async () => (stored === undefined ? undefined : { ...revision, text: stored }) } },
  });
  for (const authority of ['server', 'vault-kms'] as const) await upkeep.tidyAuthority({ cluster: 'alpha', authority });
  return told;
}

test.each([
  ['the provider is kms: the CA of plugins too', text(byVault), ['server', 'vault-kms']],
  ['another provider: Vault has no such CA', text('{provider: secretbox}'), ['server']],
  ['nothing was applied yet', undefined, ['server']],
])('%s', async (_, stored, wanted) => {
  expect(await tidied(stored)).toEqual(wanted);
});
