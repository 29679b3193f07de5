import { z } from 'zod';
import { canonicalJson } from '../../cluster/canonical.ts';
import type { CertificateRequest } from '../../cluster/certificates/certificate.ts';
import type { VaultClient } from './client.ts';
import { authorityMount, roleName } from './paths.ts';

/** Certificates that live this long or less are not kept in Vault: they end before anybody could revoke them. */
const keptBeyondHours = 48;

/** Nodes' clocks may run behind Vault's by this much. */
export const backdatingSeconds = 300;

/**
 * The PKI role that issues exactly what `request` wants: its names and no others, its organisations, its usages.
 * Everything that could widen it is set, so that a comparison finds what somebody else changed.
 */
export function roleParameters(request: CertificateRequest) {
  const { commonName, organizations, dnsNames, ipAddresses, usages, lifetimeHours } = request;
  const seconds = Math.round(lifetimeHours * 3600);
  return {
    allowed_domains: [...new Set([commonName, ...dnsNames])].sort(),
    allow_bare_domains: true,
    allow_subdomains: false,
    allow_glob_domains: false,
    allow_any_name: false,
    allow_localhost: false,
    allow_wildcard_certificates: false,
    allowed_domains_template: false,
    allow_token_displayname: false,
    enforce_hostnames: false,
    allow_ip_sans: ipAddresses.length > 0,
    allowed_uri_sans: [] as string[],
    allowed_other_sans: [] as string[],
    organization: [...organizations].sort(),
    server_flag: usages.includes('server'),
    client_flag: usages.includes('client'),
    code_signing_flag: false,
    email_protection_flag: false,
    key_usage: ['DigitalSignature'],
    ext_key_usage_oids: [] as string[],
    key_type: 'ec',
    key_bits: 256,
    require_cn: true,
    basic_constraints_valid_for_non_ca: false,
    ttl: seconds,
    max_ttl: seconds,
    not_before_duration: backdatingSeconds,
    no_store: lifetimeHours <= keptBeyondHours,
    generate_lease: false,
    issuer_ref: request.issuer ?? 'default',
  };
}

type RoleParameters = ReturnType<typeof roleParameters>;

export interface RoleCall {
  cluster: string;
  request: CertificateRequest;
  token: string;
}

/** Keeps roles as they must be. What was seen to be right is remembered, so that later certificates cost no extra request. */
export interface Roles {
  /** Returns the role's name once Vault has it with exactly the parameters of the request. Throws CkeError Vault… */
  reconcile(call: RoleCall): Promise<string>;
  /** Makes the next `reconcile` look again: the role did not issue what it should. */
  forget(call: Pick<RoleCall, 'cluster' | 'request'>): void;
}

const storedRole = z.object({ data: z.record(z.string(), z.unknown()) });

export function createRoles(client: VaultClient): Roles {
  const known = new Map<string, string>();

  async function reconcile({ cluster, request, token }: RoleCall): Promise<string> {
    const path = rolePath(cluster, request);
    const wanted = roleParameters(request);
    const digest = canonicalJson(wanted);
    if (known.get(path) === digest) return roleName(request);
    const stored = await client.read({ path, token, shape: storedRole });
    if (stored === undefined || differs(stored.data, wanted)) {
      await client.write({ path, token, body: wanted, shape: z.unknown() });
    }
    known.set(path, digest);
    return roleName(request);
  }

  return { reconcile, forget: ({ cluster, request }) => void known.delete(rolePath(cluster, request)) };
}

function rolePath(cluster: string, request: CertificateRequest): string {
  return `${authorityMount(cluster, request.authority)}/roles/${roleName(request)}`;
}

function differs(stored: Record<string, unknown>, wanted: RoleParameters): boolean {
  const seen = Object.fromEntries(Object.keys(wanted).map((key) => [key, sortedList(stored[key])]));
  return canonicalJson(seen) !== canonicalJson(wanted);
}

function sortedList(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : (value ?? []);
}
