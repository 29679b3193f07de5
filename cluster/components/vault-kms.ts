import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { bind, container, fileRoot } from './container.ts';
import { ports } from './endpoint.ts';
import { certificatePair, textFile } from './files.ts';
import type { BindMount, ComponentSpec } from './spec.ts';

const directory = '/etc/kubernetes/vault-kms';
const authority = `${directory}/vault-ca.crt`;
const pair = `${directory}/client`;

/** On the host; gone after a boot, and made again by Docker. */
const socketDirectory = '/run/cke-kms';

/** Where an API server of the same node finds the plugin. */
export const kmsEndpoint = `unix://${socketDirectory}/vault-kms.sock`;

/** The directory of the socket, not the socket itself: that is another one after each start of the plugin. */
export const kmsSocketMount = (access: BindMount['access']): BindMount =>
  bind(socketDirectory, { access, source_kind: 'created' });

/** Places in Vault that `cke-client init --kms-from` makes: the name of the transit key, and of the role that the plugin logs in by. */
export const transitKeyName = 'secrets';
export const kmsRoleName = 'vault-kms';
export const transitMountOf = (cluster: string): string => `cke/${cluster}/transit`;
export const kmsLoginMountOf = (cluster: string): string => `cke/${cluster}/vault-kms`;

/**
 * vault-kubernetes-kms, which has Vault wrap and unwrap the API server's data keys. It logs in by a client certificate: of all that it knows,
 * the only way that puts no secret on its command line or into its environment. It reads the pair at each login. Its health port listens
 * on every address of the node, and only once it is logged in.
 * @throws RangeError when the declaration does not say where Vault is
 */
export function vaultKmsSpec(declaration: Declaration): ComponentSpec {
  const { name, options, secrets_encryption, images } = declaration;
  const vault = secrets_encryption?.vault;
  if (vault === undefined) throw new RangeError('vault-kms needs secrets_encryption.vault');
  return {
    component: 'vault-kms',
    container: container({
      image: images['vault-kms'],
      binary: '/vault-kubernetes-kms',
      args: [
        `--vault-address=${vault.address}`,
        '--auth-method=cert',
        `--cert-mount=${kmsLoginMountOf(name)}`,
        `--cert-role=${kmsRoleName}`,
        `--cert-file=${pair}.crt`,
        `--cert-key=${pair}.key`,
        `--transit-mount=${transitMountOf(name)}`,
        `--transit-key=${transitKeyName}`,
        `--socket=${kmsEndpoint}`,
        '--force-socket-overwrite=true',
        `--health-port=${ports.kmsHealth}`,
        '--disable-v1=true',
      ],
      params: options['vault-kms'],
      env: vault.ca === undefined ? {} : { VAULT_CACERT: authority },
      mounts: [fileRoot('/etc/kubernetes'), kmsSocketMount('rw')],
      tmpfs: ['/tmp'],
    }),
    root: '/etc/kubernetes',
    files: [
      ...certificatePair(pair, certificateRequest({ kind: 'vault-kms', declaration })),
      ...(vault.ca === undefined ? [] : [textFile(authority, vault.ca)]),
    ],
  };
}
