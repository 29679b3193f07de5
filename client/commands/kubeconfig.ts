import { stderr, stdout } from 'node:process';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { adminDefaults, certificateRequest } from '../../cluster/certificates/catalogue.ts';
import { trustedIssuers } from '../../cluster/certificates/trust.ts';
import { endpoint, ports } from '../../cluster/components/endpoint.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import { CkeError } from '../../cluster/errors.ts';
import { chosenCluster } from '../cluster-name.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, lifetimeHours, withCluster, withExamples } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { accepted } from './apply.ts';

type KubeconfigOptions = ClusterOptions & { user: string; group: string[]; ttl: number; server?: string };

/** `cke-client kubeconfig`: a kubeconfig with a short-lived certificate from Vault, on standard output and nowhere else. */
export function kubeconfigCommand(): Command {
  const command = new Command('kubeconfig')
    .description('print a kubeconfig with a short-lived administrator certificate')
    .option('--user <name>', 'name that the API server sees', adminDefaults.user)
    .addOption(
      new Option('--group <name>', 'its group; may be repeated').argParser(collect).default([...adminDefaults.groups]),
    )
    .addOption(
      new Option('--ttl <duration>', 'how long it is valid, 48h at most')
        .argParser(lifetimeHours)
        .default(adminDefaults.ttlHours, '2h'),
    )
    .option('--server <url>', 'address of the API (default: the first control plane)')
    .action((options: KubeconfigOptions) => inSession(options, (session) => issueKubeconfig(session, options)));
  return withExamples(withCluster(command), [
    'umask 077; cke-client kubeconfig > admin.kubeconfig',
    'kubectl --kubeconfig <(cke-client kubeconfig) get nodes',
    'cke-client kubeconfig --user alice --group viewers --ttl 8h --server https://k8s.example.com:6443',
  ]);
}

/** The first `--group` replaces the default. */
function collect(group: string, before: string[]): string[] {
  return before.length === 1 && before[0] === adminDefaults.groups[0] ? [group] : [...before, group];
}

async function issueKubeconfig(session: Session, options: KubeconfigOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const declaration = await acceptedDeclaration(session, cluster);
  const vault = session.vault();
  const request = certificateRequest({
    kind: 'admin',
    declaration,
    user: options.user,
    groups: options.group,
    ttlHours: options.ttl,
  });
  const issuers = trustedIssuers(declaration.trust, 'kubernetes');
  const [authority, pair] = await Promise.all([
    vault.authorityBundle({ cluster, authority: 'kubernetes', ...(issuers && { issuers }) }),
    vault.issue({ cluster, request }),
  ]);
  // On record before it is handed out.
  const { serial, notAfter } = pair.issued;
  const given = { at: new Date().toISOString(), by: operatorName(), user: options.user, groups: options.group };
  await session.store().issued.append(cluster, { ...given, serial, notAfter });
  const server = options.server ?? defaultServer(declaration);
  stdout.write(kubeconfigText({ cluster, server, user: options.user, authority, ...pair }));
  if (stdout.isTTY)
    stderr.write(`valid until ${pair.issued.notAfter}. To keep it: umask 077; cke-client kubeconfig > FILE\n`);
}

/** The declaration in force, with the CAs that count. @throws CkeError DeclarationMissing */
export async function acceptedDeclaration(session: Session, cluster: string): Promise<Declaration> {
  const stored = await session.store().declarations.get(cluster, 'latest');
  if (stored !== undefined) {
    const declaration = accepted(stored.text, `revision ${stored.revision}`);
    return { ...declaration, ...(stored.trust && { trust: stored.trust }) };
  }
  throw new CkeError({
    code: 'DeclarationMissing',
    message: `cluster ${cluster} has no declaration`,
    fix: 'cke-client apply cluster.yaml',
    remedy: 'never',
  });
}

function defaultServer(declaration: Declaration): string {
  const address = controlPlanes(declaration)[0]?.address ?? '127.0.0.1';
  return `https://${endpoint(address, ports.apiServer)}`;
}

interface Kubeconfig {
  cluster: string;
  server: string;
  user: string;
  /** PEM texts. */
  authority: string;
  certificate: string;
  privateKey: string;
}

/** Pure: the document that kubectl reads. */
export function kubeconfigText({ cluster, server, user, authority, certificate, privateKey }: Kubeconfig): string {
  const context = `${user}@${cluster}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(authority) } }],
      users: [
        {
          name: context,
          user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(privateKey) },
        },
      ],
      contexts: [{ name: context, context: { cluster, user: context } }],
      'current-context': context,
    },
    { lineWidth: 0 },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
