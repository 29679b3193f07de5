import type { Declaration } from './declaration.ts';
import { flagOf } from './extra-args.ts';
import { idlePools } from './pool-rules.ts';
import { poolOf } from './pools.ts';
import type { Pool } from './pools.ts';
import { problemAt } from './problem.ts';
import type { PathStep, Problem } from './problem.ts';
import type { ConfigDocument } from './service-options.ts';
import { parseSubnet, subnetContains } from './subnet.ts';

/** What is accepted and yet is likely not what is meant. */
export function warningsFor(declaration: Declaration): Problem[] {
  return [
    ...overwrittenFields(declaration),
    ...allocationWarnings(declaration),
    ...masterAttributes(declaration),
    ...idlePools(declaration),
    ...idleReboot(declaration),
    ...hastyCertificates(declaration),
  ];
}

/** Fields of component configurations that the program sets itself: what a user writes there has no effect. */
const overwritten: { component: 'kubelet' | 'kube-proxy' | 'kube-scheduler'; fields: string[][] }[] = [
  {
    component: 'kubelet',
    fields: [
      ['tlsCertFile'],
      ['tlsPrivateKeyFile'],
      ['authentication', 'x509'],
      ['authentication', 'webhook'],
      ['authorization', 'mode'],
      ['clusterDNS'],
    ],
  },
  { component: 'kube-proxy', fields: [['clientConnection', 'kubeconfig']] },
  {
    component: 'kube-scheduler',
    fields: [
      ['clientConnection', 'kubeconfig'],
      ['leaderElection', 'leaderElect'],
    ],
  },
];

type Configured = Partial<Record<(typeof overwritten)[number]['component'], { config?: ConfigDocument }>>;

function overwrittenFields({ options, pools }: Declaration): Problem[] {
  return [
    ...overwrittenIn(['options'], options),
    ...pools.flatMap((pool, index) => overwrittenIn(['pools', index], pool)),
  ];
}

function overwrittenIn(steps: PathStep[], settings: Configured): Problem[] {
  return overwritten.flatMap(({ component, fields }) =>
    fields.flatMap((field) => {
      const value = inside(settings[component]?.config, field);
      if (value === undefined) return [];
      const finding = {
        code: 'managed-field',
        want: 'nothing here',
        hint: 'this field is set by the program: the value has no effect',
      };
      return [problemAt([...steps, component, 'config', ...field], value, finding)];
    }),
  );
}

function inside(config: ConfigDocument | undefined, field: string[]): unknown {
  return field.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined,
    config,
  );
}

/** Node CIDRs by hand, the way CKE's documentation has it; an overlap with the nodes is tolerated there. */
function allocationWarnings({ options, nodes }: Declaration): Problem[] {
  return options['kube-controller-manager'].extra_args.flatMap((entry, index) => {
    const flag = flagOf(entry);
    if (flag?.name !== 'cluster-cidr') return [];
    const steps: PathStep[] = ['options', 'kube-controller-manager', 'extra_args', index];
    const subnet = parseSubnet(flag.value);
    const hit = nodes.find(({ address }) => subnet !== undefined && subnetContains(subnet, address));
    const today = problemAt(steps, entry, {
      code: 'older-form',
      want: `pod_subnet: ${flag.value}`,
      hint: 'pod_subnet says the same, and is checked',
    });
    if (hit === undefined) return [today];
    const hint = `overlap: the address of ${hit.name} lies inside, pods could get addresses of nodes`;
    return [today, problemAt(steps, entry, { code: 'address-in-subnet', want: 'a subnet without nodes in it', hint })];
  });
}

const MASTER = 'cke.cybozu.com/master';

function masterAttributes({ nodes, pools }: Declaration): Problem[] {
  const places = [
    ...pools.map((pool, index) => ({ steps: ['pools', index], ...pool })),
    ...nodes.flatMap((node, index) =>
      namesMaster(poolOf({ pools }, node)) ? [] : [{ steps: ['nodes', index], ...node }],
    ),
  ];
  return places.flatMap(({ steps, labels, taints }) => {
    const hint = 'it follows from control_plane and taint_control_plane';
    const finding = { code: 'managed-field', want: `no ${MASTER} here`, hint };
    return [
      ...(MASTER in labels ? [problemAt([...steps, 'labels', MASTER], labels[MASTER], finding)] : []),
      ...taints.flatMap(({ key }, taint) =>
        key === MASTER ? [problemAt([...steps, 'taints', taint, 'key'], key, finding)] : [],
      ),
    ];
  });
}

function namesMaster(pool: Pool | undefined): boolean {
  return pool !== undefined && (MASTER in pool.labels || pool.taints.some(({ key }) => key === MASTER));
}

function idleReboot({ reboot }: Declaration): Problem[] {
  if (reboot === undefined) return [];
  const missing = (['reboot_command', 'boot_check_command'] as const).filter((name) => reboot[name].length === 0);
  return missing.map((name) =>
    problemAt(['reboot', name], reboot[name], {
      code: 'idle-reboot',
      want: 'a command',
      hint: 'without it no node is rebooted',
    }),
  );
}

/** Below these a manager that is away for a night, or for a weekend, is one too many. */
const shortHours = { lifetime_hours: 24, renew_before_hours: 8 };

function hastyCertificates({ certificates }: Declaration): Problem[] {
  return (['lifetime_hours', 'renew_before_hours'] as const).flatMap((field) => {
    if (certificates[field] >= shortHours[field]) return [];
    const hint = `shorter than an outage of the manager may be: certificates would end unrenewed`;
    const finding = { code: 'short-lifetime', want: `at least ${shortHours[field]}, but for tests`, hint };
    return [problemAt(['certificates', field], certificates[field], finding)];
  });
}
