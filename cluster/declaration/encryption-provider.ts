import type { Declaration } from './declaration.ts';

/** Whether Vault is to wrap the keys of Secrets, through a plugin on the control planes. */
export const wrapsByVault = ({ secrets_encryption }: Pick<Declaration, 'secrets_encryption'>): boolean =>
  secrets_encryption?.provider === 'kms';
