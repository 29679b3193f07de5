import { X509Certificate } from 'node:crypto';
import { certificateRequest } from '../cluster/certificates/catalogue.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import type { Vault } from './vault/vault.ts';

/** A client certificate of ours, PEM, with the CA that verifies the servers. In memory only. */
export interface ClientCredentials {
  ca: string;
  certificate: string;
  privateKey: string;
}

/** How the worker identifies itself to a cluster's etcd (user root) and to its API servers (system:masters). */
export interface OwnCredentials {
  etcd(declaration: Declaration): Promise<ClientCredentials>;
  kubernetes(declaration: Declaration): Promise<ClientCredentials>;
}

/** What audit logs call the worker. */
const workerUser = 'cke:worker';

interface Held {
  credentials: ClientCredentials;
  /** Milliseconds since 1970: half of the lifetime. */
  renewAt: number;
}

/** Issued from Vault when first needed and again at half of their life: never taken from the cluster, whose own may have expired. */
export function ownCredentials(vault: Vault, now: () => number = Date.now): OwnCredentials {
  const held = new Map<string, Promise<Held>>();
  const hold = async (key: string, issue: () => Promise<ClientCredentials>): Promise<ClientCredentials> => {
    const known = await held.get(key)?.catch(() => undefined);
    if (known !== undefined && known.renewAt > now()) return known.credentials;
    const fresh = issue().then((credentials) => ({ credentials, renewAt: halfLife(credentials.certificate, now()) }));
    held.set(key, fresh);
    return (await fresh).credentials;
  };
  return {
    etcd: (declaration) =>
      hold(`etcd ${declaration.name}`, async () => ({
        ca: await vault.authorityBundle({ cluster: declaration.name, authority: 'server' }),
        ...(await vault.issue({
          cluster: declaration.name,
          request: certificateRequest({ kind: 'etcd-root', declaration }),
        })),
      })),
    kubernetes: (declaration) =>
      hold(`kubernetes ${declaration.name}`, async () => ({
        ca: await vault.authorityBundle({ cluster: declaration.name, authority: 'kubernetes' }),
        ...(await vault.issue({
          cluster: declaration.name,
          request: certificateRequest({ kind: 'admin', declaration, user: workerUser }),
        })),
      })),
  };
}

function halfLife(certificate: string, now: number): number {
  return now + (Date.parse(new X509Certificate(certificate).validTo) - now) / 2;
}
