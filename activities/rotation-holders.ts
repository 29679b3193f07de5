import { pluginAuthority } from '../cluster/certificates/certificate.ts';
import { missingInLogin } from './rotation-login.ts';
import { tokenSigner, trustedIssuers, type Rotatable, type Rotation } from '../cluster/certificates/trust.ts';
import type { Declaration } from '../cluster/declaration/declaration.ts';
import { CkeError } from '../cluster/errors.ts';
import { serversOf } from './kubernetes/servers-of.ts';
import type { ApiServers } from './kubernetes/servers.ts';
import type { Kubernetes } from './kubernetes/kubernetes.ts';
import type { OwnCredentials } from './credentials.ts';
import type { Vault } from './vault/vault.ts';

/** What Kubernetes and the programs in it hold of a CA: reconcile does not reach it, the components publish it. */
interface HolderPorts {
  vault: Vault;
  kubernetes: Kubernetes;
  credentials: OwnCredentials;
}

interface Campaign {
  declaration: Declaration;
  of: Rotatable;
  rotation: Rotation;
}

/** The CAs of Kubernetes in this stage, as a bundle: what verifiers are to have. */
function wantedBundle(
  { vault }: HolderPorts,
  { cluster, rotation }: { cluster: string; rotation: Rotation },
): Promise<string> {
  const issuers = trustedIssuers({ kubernetes: rotation }, 'kubernetes') ?? [];
  return vault.authorityBundle({ cluster, authority: 'kubernetes', issuers });
}

/** What is missing beside our own components, as sentences. */
export async function missingHolders(ports: HolderPorts, { declaration, of, rotation }: Campaign): Promise<string[]> {
  if (of === pluginAuthority) return missingInLogin(ports, { declaration, rotation });
  const servers = await serversOf(ports.credentials, declaration);
  if (of === tokenSigner) return rotation.stage === 'overlap' ? missingTokens(ports, servers, rotation) : [];
  if (of !== 'kubernetes') return [];
  const bundle = await wantedBundle(ports, { cluster: declaration.name, rotation });
  const namespaces = await ports.kubernetes.namespacesWithout({ ...servers, bundle });
  if (namespaces.length > 0)
    return [`${sayNames(namespaces)}: the ConfigMap kube-root-ca.crt is not published there yet`];
  if (rotation.stage !== 'trust-both' || rotation.pods === 'leave') return [];
  const stale = await ports.kubernetes.stalePods(servers);
  return stale.map(({ pod, owner }) => {
    const restarted = rotation.pods === 'restart' && owner !== undefined;
    const help = restarted
      ? `${owner.kind} ${owner.name} is being restarted`
      : 'restart it, or --restart-pods or --leave-pods';
    return `pod ${pod} began before the new CA was published: ${help}`;
  });
}

async function missingTokens(
  { kubernetes }: HolderPorts,
  servers: ApiServers,
  { pods, since }: Rotation,
): Promise<string[]> {
  if (pods === 'leave') return [];
  const lasting = await kubernetes.lastingTokens({ ...servers, at: since });
  return lasting.map(
    (secret) => `Secret ${secret} holds a token that never expires, signed by the old key: delete it, or --leave-pods`,
  );
}

const sayNames = (names: string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

/** Restarts, once for each rotation, what keeps pods that may know the old CA only; others are listed by `missingHolders`. */
export async function restartPods(ports: HolderPorts, { declaration, of, rotation }: Campaign): Promise<void> {
  if (of !== 'kubernetes' || rotation.pods !== 'restart') return;
  const servers = await serversOf(ports.credentials, declaration);
  // Before it is published everywhere, a restart would only give pods the old one again.
  const bundle = await wantedBundle(ports, { cluster: declaration.name, rotation });
  if ((await ports.kubernetes.namespacesWithout({ ...servers, bundle })).length > 0) return;
  for (const { owner } of await ports.kubernetes.stalePods(servers))
    if (owner) await ports.kubernetes.restartWorkload({ ...servers, workload: owner, reason: rotation.to });
}

const publishedUnder = {
  kubernetes: 'client-ca-file',
  'kubernetes-aggregation': 'requestheader-client-ca-file',
} as const;

/** API servers publish the CAs of clients for others, and never take one back. */
export async function forgetClientCa(ports: HolderPorts, { declaration, of, rotation }: Campaign): Promise<void> {
  if (of !== 'kubernetes' && of !== 'kubernetes-aggregation') return;
  const servers = await serversOf(ports.credentials, declaration);
  const certificate = await oldCa(ports, { cluster: declaration.name, of, name: rotation.from });
  if (certificate === undefined) return;
  await ports.kubernetes.unpublishClientCa({ ...servers, key: publishedUnder[of], certificate });
}

/** Undefined when Vault has it no more: then it was taken out before. */
async function oldCa(
  { vault }: HolderPorts,
  { cluster, of, name }: { cluster: string; of: keyof typeof publishedUnder; name: string },
): Promise<string | undefined> {
  try {
    return await vault.authorityBundle({ cluster, authority: of, issuers: [name] });
  } catch (error) {
    const gone = error instanceof CkeError && ['NotInitialised', 'VaultFailed'].includes(error.complaint.code);
    if (gone) return undefined;
    throw error;
  }
}
