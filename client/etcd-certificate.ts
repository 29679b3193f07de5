import { stderr, stdout } from 'node:process';
import type { CertificateRequest } from '../cluster/certificates/certificate.ts';
import { trustedIssuers } from '../cluster/certificates/trust.ts';
import { endpoint, ports } from '../cluster/components/endpoint.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { controlPlanes } from '../cluster/declaration/nodes.ts';
import { operatorName } from './operator.ts';
import type { Session } from './session.ts';

interface Giving {
  declaration: Declaration;
  request: CertificateRequest;
}

/** Has Vault issue a client certificate of etcd, puts that on record, and prints what `etcdctl` needs, as JSON, on standard output alone. */
export async function giveEtcdCertificate(session: Session, { declaration, request }: Giving): Promise<void> {
  const { name: cluster } = declaration;
  const vault = session.vault();
  const issuers = trustedIssuers(declaration.trust, 'server');
  const [ca, { certificate, privateKey, issued }] = await Promise.all([
    vault.authorityBundle({ cluster, authority: 'server', ...(issuers && { issuers }) }),
    vault.issue({ cluster, request }),
  ]);
  const { serial, notAfter } = issued;
  const { commonName: user } = request;
  // On record before it is handed out.
  const given = { at: new Date().toISOString(), by: operatorName(), user, groups: [], opens: 'etcd' as const };
  await session.store().issued.append(cluster, { ...given, serial, notAfter });
  const endpoints = controlPlanes(declaration).map(({ address }) => `https://${endpoint(address, ports.etcdClient)}`);
  stdout.write(`${JSON.stringify({ endpoints, user, ca, cert: certificate, key: privateKey, notAfter }, null, 2)}\n`);
  if (stdout.isTTY) stderr.write(`valid until ${notAfter}. To keep it: umask 077; cke-client etcd … > FILE\n`);
}
