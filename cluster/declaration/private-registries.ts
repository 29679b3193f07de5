import type { Declaration } from './declaration.ts';
import { parseImageReference } from './image-reference.ts';

/** A registry that gives images to those only who log in. The login itself is in Vault. */
export interface PrivateRegistry {
  /** `host[:port]`, as in the names of its images; `docker.io` for Docker Hub. */
  host: string;
  /** Entry of the secret `registries` in the cluster's Vault KV: `USERNAME:PASSWORD`. */
  credentials_secret: string;
}

/** Docker Hub's name, which short names of images leave out. */
const dockerHub = 'docker.io';

/** Host of the registry that an image comes from. */
export function registryOf(image: string): string {
  return parseImageReference(image)?.registry ?? dockerHub;
}

/** The declared login for an image; undefined where none is. */
export function loginFor(
  { private_registries }: Pick<Declaration, 'private_registries'>,
  image: string,
): PrivateRegistry | undefined {
  const host = registryOf(image);
  return private_registries.find((one) => one.host === host);
}

/** The name under which Docker and the kubelet keep a login. */
export function loginAddress({ host }: PrivateRegistry): string {
  return host === dockerHub ? 'https://index.docker.io/v1/' : host;
}
