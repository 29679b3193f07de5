import { knownAddons } from './addons.ts';
import type { Declaration, NodeDeclaration } from './declaration.ts';
import { nodeCidrMaskSize } from './network-rules.ts';
import { attributesWithPool, poolOf } from './pools.ts';
import { resolveImages } from './resolved-images.ts';
import type { DeclarationInput } from './schema.ts';
import { nthAddress } from './subnet.ts';

const DNS_OFFSET = 10;
const RENEW_BEFORE_HOURS = 720;

/** Fills in what follows from other fields of a valid document. */
export function normalise(input: DeclarationInput): Declaration {
  const { certificates, constraints, images, kubernetes_version, node_cidr_mask_size, nodes, pod_subnet } = input;
  return {
    ...input,
    nodes: nodes.map((node) => normalisedNode(input, node)),
    node_cidr_mask_size: nodeCidrMaskSize(pod_subnet, node_cidr_mask_size),
    cluster_dns_address: input.cluster_dns_address ?? nthAddress(input.service_subnet, DNS_OFFSET),
    images: resolveImages(kubernetes_version, images),
    addons: input.addons.map((addon) => ({ ...addon, source: addon.source ?? knownAddons[addon.name] ?? '' })),
    certificates: {
      ...certificates,
      renew_before_hours:
        certificates.renew_before_hours ?? Math.min(RENEW_BEFORE_HOURS, certificates.lifetime_hours / 3),
    },
    constraints: {
      ...constraints,
      control_plane_count: constraints.control_plane_count ?? nodes.filter((node) => node.control_plane).length,
    },
  };
}

function normalisedNode(input: DeclarationInput, node: DeclarationInput['nodes'][number]): NodeDeclaration {
  const { port } = input.ssh;
  const attributes = attributesWithPool(node, poolOf(input, node));
  return { ...node, ...attributes, name: node.hostname ?? node.address, ssh: { port, ...node.ssh } };
}
