import type { Component } from '../../../cluster/components/component.ts';
import type { ApprovalReason } from '../../../cluster/declaration/maintenance.ts';
import { parseDeclaration } from '../../../cluster/declaration/parse.ts';
import type { Declaration, NodeDeclaration } from '../../../cluster/declaration/declaration.ts';

/** How many nodes a model fleet has; spare workers are there from the start and are declared later, if at all. */
export interface Shape {
  controlPlanes: number;
  workers: number;
  spares: number;
  /** Machines that may become control planes. */
  spareMasters: number;
  /** Versions at the beginning; what the program takes by default unless told. */
  kubernetes?: string;
  etcd?: string;
  /** Nodes that are drained at the same time before their kubelet gets another version. */
  drains?: number;
  /** What waits for a person's yes; data loss unless told. */
  approvals?: ApprovalReason[];
}

/** A declaration with nodes cp-1…, worker-1…, without what a model does not look at. */
export function declare({
  controlPlanes,
  workers,
  kubernetes = '1.34.4',
  etcd,
  drains = 0,
  approvals = ['data-loss'],
}: Shape): Declaration {
  const lines = [
    ...Array.from({ length: controlPlanes }, (_, index) =>
      nodeLine(`cp-${index + 1}`, 11 + index, ', control_plane: true'),
    ),
    ...Array.from({ length: workers }, (_, index) => nodeLine(`worker-${index + 1}`, 31 + index, '')),
  ];
  const text = `name: model
kubernetes_version: ${kubernetes}
images: {${etcd === undefined ? '' : `etcd: 'quay.io/coreos/etcd:v${etcd}'`}}
approvals: {required_for: [${approvals.join(', ')}]}
update_strategy: {rolling_replace: true, max_concurrent_drains: ${drains}}
nodes:
${lines.join('\n')}
service_subnet: 10.96.0.0/16
pod_subnet: 10.244.0.0/16
options:
  kubelet:
    cni_conf_file:
      name: 10-model.conflist
      content: '{"cniVersion": "0.4.0", "name": "model", "plugins": [{"type": "bridge", "subnet": "$POD_CIDR"}]}'
`;
  const parsed = parseDeclaration(text);
  if (parsed.outcome === 'refused') throw new Error(JSON.stringify(parsed.problems));
  return parsed.declaration;
}

function nodeLine(name: string, octet: number, more: string): string {
  return `  - {address: 10.0.0.${octet}, hostname: ${name}, user: cke${more}}`;
}

/** The spare worker with this number, as a node of a declaration. */
export function spareWorker(declaration: Declaration, shape: Shape, number: number): NodeDeclaration {
  const [like] = declaration.nodes;
  if (like === undefined) throw new Error('a declaration has nodes');
  const octet = 31 + shape.workers + number;
  const name = `worker-${shape.workers + number + 1}`;
  return { ...like, name, hostname: name, address: `10.0.0.${octet}`, control_plane: false, labels: {}, taints: [] };
}

/** The spare control plane with this number. */
export function spareMaster(declaration: Declaration, shape: Shape, number: number): NodeDeclaration {
  const [like] = declaration.nodes;
  if (like === undefined) throw new Error('a declaration has nodes');
  const index = shape.controlPlanes + number;
  const name = `cp-${index + 1}`;
  return {
    ...like,
    name,
    hostname: name,
    address: `10.0.0.${11 + index}`,
    control_plane: true,
    labels: {},
    taints: [],
  };
}

/** A flag that every component refuses in the model: the process ends at once and says why. */
export const badFlag = '--no-such-flag=true';

/** Options whose arguments an edit may change. */
export const editable = [
  'kube-scheduler',
  'kube-api',
  'kube-controller-manager',
  'kubelet',
  'kube-proxy',
  'rivers',
  'etcd-rivers',
  'etcd',
] as const;

export type Editable = (typeof editable)[number];

/** Where the declaration has the arguments of a component. */
export const optionOf = (component: Component): keyof Declaration['options'] =>
  component === 'kube-apiserver' ? 'kube-api' : component;

/** The same declaration with other extra arguments for one component. */
export function withExtraArgs(declaration: Declaration, component: Editable, args: string[]): Declaration {
  const options = { ...declaration.options, [component]: { ...declaration.options[component], extra_args: args } };
  return { ...declaration, options };
}

export function withLabel(declaration: Declaration, name: string, value: string): Declaration {
  const nodes = declaration.nodes.map((node) =>
    node.name === name ? { ...node, labels: { ...node.labels, tier: value } } : node,
  );
  return { ...declaration, nodes };
}
