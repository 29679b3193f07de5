import { X509Certificate } from 'node:crypto';
import { certificateRequest } from '../cluster/certificates/catalogue.ts';
import type { Authority } from '../cluster/certificates/certificate.ts';
import { signingIssuer, trustedIssuers } from '../cluster/certificates/trust.ts';
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
  const bundle = ({ name, trust }: Declaration, authority: Authority) => {
    const issuers = trustedIssuers(trust, authority);
    return vault.authorityBundle({ cluster: name, authority, ...(issuers && { issuers }) });
  };
  return {
    etcd: (declaration) =>
      hold(keyOf('etcd', declaration, ['server', 'etcd-client']), async () => ({
        ca: await bundle(declaration, 'server'),
        ...(await vault.issue({
          cluster: declaration.name,
          request: certificateRequest({ kind: 'etcd-root', declaration }),
        })),
      })),
    kubernetes: (declaration) =>
      hold(keyOf('kubernetes', declaration, ['kubernetes']), async () => ({
        ca: await bundle(declaration, 'kubernetes'),
        ...(await vault.issue({
          cluster: declaration.name,
          request: certificateRequest({ kind: 'admin', declaration, user: workerUser }),
        })),
      })),
  };
}

/** While CAs are rotated, what was issued for one stage is no use in another. */
function keyOf(purpose: string, { name, trust }: Declaration, authorities: Authority[]): string {
  const pins = authorities.map((one) => [signingIssuer(trust, one) ?? '', ...(trustedIssuers(trust, one) ?? [])]);
  return [purpose, name, ...pins.flat()].join(' ');
}

function halfLife(certificate: string, now: number): number {
  return now + (Date.parse(new X509Certificate(certificate).validTo) - now) / 2;
}
