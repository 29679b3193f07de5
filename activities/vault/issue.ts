import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { CkeError } from '../../cluster/errors.ts';
import {
  pluginAuthority,
  type CertificateRequest,
  type IssuedCertificate,
} from '../../cluster/certificates/certificate.ts';
import { readIssuer } from './authority.ts';
import type { VaultClient } from './client.ts';
import { differencesFromRequest, factsOf } from './issued.ts';
import type { WithToken } from './login.ts';
import { authorityMount } from './paths.ts';
import type { RoleCall, Roles } from './roles.ts';
import { kmsNotPrepared } from './transit.ts';

export interface IssueRequest {
  cluster: string;
  request: CertificateRequest;
}

/** A fresh pair. The key is a secret: it goes to the node and nowhere else. */
export interface IssuedPair {
  /** PEM: the leaf, then its intermediates if there are any; without the root. */
  certificate: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  issued: IssuedCertificate;
}

const answer = z.object({
  data: z.object({ certificate: z.string(), private_key: z.string(), ca_chain: z.array(z.string()).optional() }),
});

/**
 * Issues a certificate that says exactly what the request wants: its role is brought up to date first, and what comes
 * back is compared. One request to Vault in the steady state.
 * @throws CkeError VaultFailed when Vault cannot issue it, and VaultSealed, VaultUnreachable, VaultDenied
 */
export function createIssue({ client, withToken, roles }: { client: VaultClient; withToken: WithToken; roles: Roles }) {
  const issuers = new Map<string, string>();
  return ({ cluster, request }: IssueRequest): Promise<IssuedPair> =>
    withToken(cluster, async (token) => {
      const asked = { cluster, request, token };
      const first = await tryOnce({ client, roles, issuers, asked });
      if (first.state === 'right') return first.pair;
      // Somebody changed the role behind our back, another worker with an older declaration for example.
      roles.forget(asked);
      const second = await tryOnce({ client, roles, issuers, asked });
      if (second.state === 'right') return second.pair;
      throw second.error;
    });
}

type Outcome = { state: 'right'; pair: IssuedPair } | { state: 'wrong'; error: CkeError };

interface Try {
  client: VaultClient;
  roles: Roles;
  /** PEM of pinned issuers that were seen, by mount and name: a name is never used twice. */
  issuers: Map<string, string>;
  asked: RoleCall;
}

async function tryOnce({ client, roles, issuers, asked }: Try): Promise<Outcome> {
  const { request, cluster, token } = asked;
  const role = await roles.reconcile(asked).catch((error: unknown) => {
    throw isNotPrepared(error, request) ? new CkeError(kmsNotPrepared(cluster)) : error;
  });
  try {
    const { data } = await client.write({
      path: `${authorityMount(cluster, request.authority)}/issue/${role}`,
      token,
      body: issueParameters(request),
      shape: answer,
    });
    const pair = pairOf(data, request);
    const differences = [
      ...differencesFromRequest(pair, request),
      ...(await otherIssuer({ client, issuers, asked }, pair)),
    ];
    return differences.length === 0 ? { state: 'right', pair } : { state: 'wrong', error: wrong(role, differences) };
  } catch (error) {
    if (error instanceof CkeError && error.complaint.code === 'VaultFailed') return { state: 'wrong', error };
    throw error;
  }
}

/** Every other CA is there from the first init on. */
function isNotPrepared(error: unknown, { authority }: CertificateRequest): boolean {
  if (authority !== pluginAuthority || !(error instanceof CkeError)) return false;
  return error.complaint.code === 'VaultDenied' || error.complaint.code === 'VaultFailed';
}

/** A role that an older declaration has pinned otherwise signs by another CA than the one that is wanted (rule C-01). */
async function otherIssuer({ client, issuers, asked }: Omit<Try, 'roles'>, { certificate }: IssuedPair) {
  const { cluster, token, request } = asked;
  const { issuer, authority } = request;
  if (issuer === undefined) return [];
  const key = `${authorityMount(cluster, authority)} ${issuer}`;
  const pem = issuers.get(key) ?? (await readIssuer({ client, token, cluster, authority }, issuer));
  issuers.set(key, pem);
  return new X509Certificate(certificate).verify(new X509Certificate(pem).publicKey)
    ? []
    : [`it is not signed by ${issuer}`];
}

function issueParameters({ commonName, dnsNames, ipAddresses, lifetimeHours }: CertificateRequest) {
  return {
    common_name: commonName,
    alt_names: dnsNames.join(','),
    ip_sans: ipAddresses.join(','),
    exclude_cn_from_sans: true,
    ttl: `${Math.round(lifetimeHours * 3600)}s`,
    private_key_format: 'pkcs8',
  };
}

function pairOf(
  { certificate, private_key, ca_chain = [] }: z.infer<typeof answer>['data'],
  request: CertificateRequest,
) {
  const intermediates = ca_chain.filter((pem) => {
    const authority = new X509Certificate(pem);
    return authority.subject !== authority.issuer;
  });
  return {
    certificate: [certificate, ...intermediates].map((pem) => `${pem.trim()}\n`).join(''),
    privateKey: `${private_key.trim()}\n`,
    issued: factsOf(certificate, request),
  };
}

function wrong(role: string, differences: string[]): CkeError {
  return new CkeError({
    code: 'VaultFailed',
    message: `Vault issued a certificate by role ${role} that is not what was asked for`,
    got: differences.join('; '),
    fix: 'see who else changes this role; then: cke-client reconcile',
    remedy: 'retry',
  });
}
