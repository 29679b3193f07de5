import { CkeError } from '../errors.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { wrapsByVault } from '../declaration/encryption-provider.ts';
import { pluginAuthority } from './certificate.ts';
import { rotatables, type Rotatable } from './trust.ts';

/**
 * The CA of vault-kms is used by nobody where the provider is another one.
 * @throws CkeError RotationRefused
 */
export function demandRotatable(declaration: Pick<Declaration, 'name' | 'secrets_encryption'>, of: Rotatable): void {
  if (of !== pluginAuthority || wrapsByVault(declaration)) return;
  const { name, secrets_encryption } = declaration;
  throw new CkeError({
    code: 'RotationRefused',
    message: `${of} of ${name} is not rotated: it is the CA of the plugin of the provider kms, which ${name} does not have`,
    got: `secrets_encryption.provider ${secrets_encryption?.provider ?? 'not declared'}`,
    want: `secrets_encryption.provider kms, or another CA: ${rotatables.filter((one) => one !== of).join(', ')}`,
    fix: 'nothing has to be rotated here; for the provider kms declare it: cke-client apply cluster.yaml',
    remedy: 'never',
  });
}
