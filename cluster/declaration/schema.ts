import { z } from 'zod';
import { resolverAddressFinding, subnetFinding } from './address-rules.ts';
import { addonsSchema } from './addons-schema.ts';
import { checked, strict, whole } from './field.ts';
import { imagesSchema, privateRegistriesSchema } from './image-schema.ts';
import {
  approvalsSchema,
  caRotationSchema,
  certificatesSchema,
  constraintsSchema,
  etcdBackupSchema,
  notificationsSchema,
  reconcileSchema,
  secretsEncryptionSchema,
  sshSchema,
  updateStrategySchema,
} from './keeping-schema.ts';
import { isDnsLabel, qualifiedNameFinding } from './kubernetes-names.ts';
import { rebootSchema, repairSchema, trustedRestMappings } from './maintenance-schema.ts';
import { MAX_NODES, nodeSchema } from './node-schema.ts';
import { optionsSchema } from './options-schema.ts';
import { poolsSchema } from './pool-schema.ts';
import type { Finding } from './problem.ts';
import { defaultKubernetesVersion, minorOf, parseVersion, supportedMinors } from './versions.ts';

export const schemaVersions = ['cke/v1'] as const;

const taintKey = checked(z.string(), qualifiedNameFinding);

/** cluster.yaml, field by field. Rules that look at several fields are in cross-rules.ts. */
export const declarationSchema = strict({
  apiVersion: z.enum(schemaVersions).exactOptional().describe('Version of this form of the file.'),
  name: checked(z.string(), nameFinding).describe('Name of the cluster.'),
  kubernetes_version: checked(z.string(), versionFinding)
    .default(defaultKubernetesVersion)
    .describe(`Exact version, of ${supportedMinors.join(', ')}. One minor is stepped over at a time.`),
  nodes: z.array(nodeSchema).min(1).max(MAX_NODES).describe('The machines; 1, 3, 5 or 7 of them are control planes.'),
  taint_control_plane: z
    .boolean()
    .default(false)
    .describe('Whether control planes get the taint cke.cybozu.com/master:PreferNoSchedule.'),
  control_plane_tolerations: z
    .array(taintKey)
    .default([])
    .describe('Taint keys that keep no machine from becoming a control plane.'),
  service_subnet: checked(z.string(), (text) => subnetFinding(text, { 4: [12, 28], 6: [108, 124] })).describe(
    'Subnet of cluster IPs; its first address is the API’s. Cannot be changed later.',
  ),
  pod_subnet: checked(z.string(), (text) => subnetFinding(text, { 4: [8, 28], 6: [32, 124] }))
    .exactOptional()
    .describe(
      'Subnet that node CIDRs are cut from by the controller-manager; absent when the network plug-in does that.',
    ),
  node_cidr_mask_size: whole({ least: 9, most: 126 })
    .exactOptional()
    .describe('Prefix length of one node’s share of pod_subnet; 24, or 64 for IPv6.'),
  dns_servers: z
    .array(checked(z.string(), resolverAddressFinding))
    .max(10)
    .default([])
    .describe('Upstream resolvers of cluster DNS.'),
  dns_service: checked(z.string(), dnsServiceFinding)
    .exactOptional()
    .describe('`namespace/name` of a ClusterIP Service that takes the place of dns_servers.'),
  dns_exporter: z
    .boolean()
    .default(false)
    .describe('Whether the DNS cache of every node has an exporter for Prometheus, on port 9167 of the node.'),
  cluster_dns_address: checked(z.string(), resolverAddressFinding)
    .exactOptional()
    .describe('Cluster IP of cluster DNS; the tenth address of service_subnet.'),
  options: optionsSchema.prefault({}).describe('Settings of the components.'),
  pools: poolsSchema.default([]).describe('Nodes with settings of kubelet and kube-proxy of their own.'),
  images: imagesSchema.prefault({}).describe('Which images are used.'),
  private_registries: privateRegistriesSchema.default([]).describe('Registries that ask for a login.'),
  ssh: sshSchema.prefault({}).describe('How nodes are reached.'),
  reconcile: reconcileSchema.prefault({}).describe('When the cluster is looked at.'),
  certificates: certificatesSchema.prefault({}).describe('Lifetimes of certificates.'),
  ca_rotation: caRotationSchema.prefault({}).describe('How CAs and the key that signs tokens are rotated.'),
  secrets_encryption: secretsEncryptionSchema.exactOptional().describe('How Secrets are kept in etcd.'),
  constraints: constraintsSchema.prefault({}).describe('Numbers that must hold.'),
  approvals: approvalsSchema.prefault({}).describe('What needs a person.'),
  notifications: notificationsSchema.prefault({}).describe('Who is told.'),
  update_strategy: updateStrategySchema.prefault({}).describe('How changes are rolled out.'),
  addons: addonsSchema.default([]).describe('Manifests of others that belong to the cluster.'),
  trusted_rest_mappings: trustedRestMappings.default([]).describe('Kinds whose CRD may come later.'),
  reboot: rebootSchema.exactOptional().describe('How nodes are rebooted.'),
  repair: repairSchema.exactOptional().describe('How machines are repaired.'),
  etcd_backup: etcdBackupSchema.exactOptional().describe('Snapshots of etcd.'),
  sabakan: strict({ spare_node_taint_key: taintKey.describe('Taint key of spare machines.') })
    .exactOptional()
    .describe('Settings of CKE’s inventory, kept as they are.'),
});

export type DeclarationInput = z.output<typeof declarationSchema>;

function nameFinding(text: string): Finding | undefined {
  if (isDnsLabel(text)) return undefined;
  const hint =
    text.length > 63
      ? `${text.length} characters, at most 63 are allowed`
      : 'it becomes part of paths, certificates and ids';
  return { code: 'invalid-name', want: 'a-z, 0-9 and hyphens, beginning and ending with a letter or digit', hint };
}

function versionFinding(text: string): Finding | undefined {
  const version = /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(text) ? parseVersion(text) : undefined;
  const want = `an exact version of ${supportedMinors.join(', ')}, such as ${defaultKubernetesVersion}`;
  if (version === undefined)
    return {
      code: 'invalid-version',
      want,
      hint: /^v\d/.test(text) ? 'three numbers, without the leading v' : 'three numbers with dots between them',
    };
  if (supportedMinors.some((minor) => minor === minorOf(version))) return undefined;
  return {
    code: 'unsupported-version',
    want,
    hint: `Kubernetes ${minorOf(version)} is not among the supported minors`,
  };
}

function dnsServiceFinding(text: string): Finding | undefined {
  const parts = text.split('/');
  if (parts.length === 2 && parts.every(isDnsLabel)) return undefined;
  return { code: 'invalid-service', want: 'namespace/name', hint: 'for example kube-system/upstream-dns' };
}
