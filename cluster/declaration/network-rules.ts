import type { Parts } from './cross-rules.ts';
import { POD_CIDR_PLACEHOLDER } from './cni-conf.ts';
import { flagOf, flagValue } from './extra-args.ts';
import type { Pool } from './pools.ts';
import { problemAt, shown } from './problem.ts';
import type { Finding, PathStep, Problem } from './problem.ts';
import { addressNumber, parseSubnet, subnetContains, subnetsOverlap, subnetSize, nthAddress } from './subnet.ts';
import type { Subnet } from './subnet.ts';

interface Networks {
  service: Subnet | undefined;
  pod: Subnet | undefined;
}

/** Addresses and subnets do not collide, and pods can get addresses. Rules D-03, D-07. */
export function networkProblems(parts: Parts): Problem[] {
  const { service_subnet, pod_subnet } = parts.fields;
  const networks = {
    service: service_subnet === undefined ? undefined : parseSubnet(service_subnet),
    pod: pod_subnet === undefined ? undefined : parseSubnet(pod_subnet),
  };
  return [
    ...overlapProblems(parts, networks),
    ...nodeAddressProblems(parts, networks),
    ...dnsProblems(parts),
    ...podSubnetProblems(parts, networks),
    ...nodeCidrProblems(parts),
  ];
}

function overlapProblems({ fields }: Parts, { service, pod }: Networks): Problem[] {
  if (service === undefined || pod === undefined) return [];
  if (service.family !== pod.family) return [problemAt(['pod_subnet'], fields.pod_subnet, otherFamily)];
  if (!subnetsOverlap(service, pod)) return [];
  const finding = {
    code: 'subnet-overlap',
    want: 'a subnet apart from service_subnet',
    hint: `overlap with service_subnet ${fields.service_subnet}`,
  };
  return [problemAt(['pod_subnet'], fields.pod_subnet, finding)];
}

const otherFamily: Finding = {
  code: 'address-family',
  want: 'the address family of service_subnet',
  hint: 'IPv4 and IPv6 are not mixed in one cluster',
};

function nodeAddressProblems({ nodes, fields }: Parts, { service, pod }: Networks): Problem[] {
  return nodes.flatMap(({ index, address }) => {
    const number = address === undefined ? undefined : addressNumber(address);
    if (address === undefined || number === undefined) return [];
    const steps = ['nodes', index, 'address'];
    const inside = [
      ...(service !== undefined && subnetContains(service, address) ? [`service_subnet ${fields.service_subnet}`] : []),
      ...(pod !== undefined && subnetContains(pod, address) ? [`pod_subnet ${fields.pod_subnet}`] : []),
    ];
    const collisions = inside.map((subnet) =>
      problemAt(steps, address, {
        code: 'address-in-subnet',
        want: `an address outside ${subnet}`,
        hint: `overlap with ${subnet}`,
      }),
    );
    return service !== undefined && number.family !== service.family
      ? [...collisions, problemAt(steps, address, otherFamily)]
      : collisions;
  });
}

function dnsProblems({ fields }: Parts): Problem[] {
  const { service_subnet, cluster_dns_address } = fields;
  const service = service_subnet === undefined ? undefined : parseSubnet(service_subnet);
  if (service_subnet === undefined || service === undefined) return [];
  const taken = [nthAddress(service_subnet, 0), nthAddress(service_subnet, 1)];
  const check = (steps: (string | number)[], address: unknown): Problem[] => {
    if (typeof address !== 'string' || (subnetContains(service, address) && !taken.includes(address))) return [];
    const hint = taken.includes(address)
      ? 'the first addresses are the network’s and the API’s'
      : 'a cluster IP must be inside service_subnet';
    return [problemAt(steps, address, { code: 'dns-address', want: `an address inside ${service_subnet}`, hint })];
  };
  return [
    ...check(['cluster_dns_address'], cluster_dns_address),
    ...kubelets(fields).flatMap(({ steps, kubelet }) => {
      const declared = kubelet.config?.['clusterDNS'];
      if (!Array.isArray(declared)) return [];
      return declared.flatMap((address, index) => check([...steps, 'config', 'clusterDNS', index], address));
    }),
  ];
}

/** What is said of kubelets, for all nodes and for those of each pool. */
function kubelets({ options, pools = [] }: Parts['fields']): { steps: PathStep[]; kubelet: Pool['kubelet'] }[] {
  return [
    ...(options === undefined ? [] : [{ steps: ['options', 'kubelet'], kubelet: options.kubelet }]),
    ...pools.map(({ kubelet }, index) => ({ steps: ['pools', index, 'kubelet'], kubelet })),
  ];
}

/** Prefix length of one node's share where the declaration names none. */
export function nodeCidrMaskSize(podSubnet: string | undefined, declared: number | undefined): number {
  return declared ?? (podSubnet?.includes(':') ? 64 : 24);
}

function podSubnetProblems({ fields, nodes }: Parts, { pod }: Networks): Problem[] {
  const { pod_subnet, node_cidr_mask_size } = fields;
  if (pod === undefined) return [];
  const mask = nodeCidrMaskSize(pod_subnet, node_cidr_mask_size);
  const where = node_cidr_mask_size === undefined ? ['pod_subnet'] : ['node_cidr_mask_size'];
  const longest = Math.min(pod.prefix + 16, pod.family === 4 ? 30 : 126);
  if (mask < pod.prefix || mask > longest) {
    const want = `a share from /${pod.prefix} to /${longest} of ${pod_subnet} for each node`;
    return [
      problemAt(where, node_cidr_mask_size ?? pod_subnet, {
        code: 'pod-subnet-size',
        want,
        hint: `node_cidr_mask_size is ${mask}`,
      }),
    ];
  }
  const shares = subnetSize({ ...pod, prefix: pod.prefix }) / subnetSize({ ...pod, prefix: mask });
  if (shares >= BigInt(nodes.length)) return [];
  const hint = `${pod_subnet} has ${shares} shares of /${mask} for ${nodes.length} nodes`;
  return [
    problemAt(where, pod_subnet, { code: 'pod-subnet-size', want: `a share for each of ${nodes.length} nodes`, hint }),
  ];
}

const allocation = [
  'allocate-node-cidrs',
  'cluster-cidr',
  'node-cidr-mask-size',
  'node-cidr-mask-size-ipv4',
  'node-cidr-mask-size-ipv6',
];

/** Node CIDRs come from pod_subnet or from extra_args of the controller-manager, not from both; the CNI file may need one of them. */
function nodeCidrProblems({ fields }: Parts): Problem[] {
  const { options, pod_subnet } = fields;
  if (options === undefined) return [];
  const extraArgs = options['kube-controller-manager'].extra_args;
  if (pod_subnet !== undefined)
    return extraArgs.flatMap((entry, index) => {
      const name = flagOf(entry)?.name ?? '';
      if (!allocation.includes(name)) return [];
      const hint = `--${name} is a managed flag: it follows from pod_subnet and node_cidr_mask_size`;
      return [
        problemAt(['options', 'kube-controller-manager', 'extra_args', index], entry, {
          code: 'managed-flag',
          want: `no --${name} here`,
          hint,
        }),
      ];
    });
  const uses = kubelets(fields).some(({ kubelet }) => kubelet.cni_conf_file?.content.includes(POD_CIDR_PLACEHOLDER));
  if (!uses || flagValue(extraArgs, 'allocate-node-cidrs') === 'true') return [];
  const finding = {
    code: 'required',
    got: shown(undefined),
    want: `a pod_subnet, because cni_conf_file uses ${POD_CIDR_PLACEHOLDER}`,
    hint: 'for example pod_subnet: 10.244.0.0/16',
  };
  return [problemAt(['pod_subnet'], undefined, finding)];
}
