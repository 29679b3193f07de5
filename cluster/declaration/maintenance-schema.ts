import { z } from 'zod';
import { argv, checked, placed, strict, whole } from './field.ts';
import { labelValueFinding, qualifiedNameFinding } from './kubernetes-names.ts';
import type { Finding } from './problem.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;

const count = whole({ least: 0, most: 100 });
const seconds = whole({ least: 0, most: DAY });

const requirement = placed(
  strict({
    key: checked(z.string(), qualifiedNameFinding).describe('Label key.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values are compared.'),
    values: z.array(checked(z.string(), labelValueFinding)).max(100).exactOptional().describe('Label values.'),
  }),
  ({ operator, values = [] }) => {
    const wantsValues = operator === 'In' || operator === 'NotIn';
    if (wantsValues === values.length > 0) return [];
    const want = wantsValues ? 'at least one value' : 'no values';
    return [
      { at: ['values'], finding: { code: 'invalid-selector', want, hint: `because the operator is ${operator}` } },
    ];
  },
);

const selector = strict({
  matchLabels: z
    .record(checked(z.string(), qualifiedNameFinding), checked(z.string(), labelValueFinding))
    .exactOptional()
    .describe('Labels that must be equal.'),
  matchExpressions: z.array(requirement).max(100).exactOptional().describe('Further conditions.'),
});

const evictionLimits = {
  eviction_timeout_seconds: whole({ least: 1, most: DAY }).default(600).describe('How long a drain may take.'),
  evict_retries: count.default(0).describe('Further attempts to evict a pod.'),
  evict_interval: seconds.default(0).describe('Seconds between these attempts.'),
  protected_namespaces: selector
    .exactOptional()
    .describe('Namespaces whose pods are only ever evicted, not deleted; all when absent.'),
  protected_job_pods: selector.exactOptional().describe('Job pods that hold up a drain; all when absent.'),
};

export const rebootSchema = strict({
  reboot_command: argv.default([]).describe('Command that reboots a node; its address is appended.'),
  boot_check_command: argv
    .default([])
    .describe('Command that prints `true` once a node has booted; address and Unix time of the reboot are appended.'),
  max_concurrent_reboots: whole({ least: 1, most: 1000 }).default(1).describe('Nodes that reboot at the same time.'),
  command_timeout_seconds: whole({ least: 0, most: WEEK }).default(0).describe('Limit for one attempt; 0 = none.'),
  command_retries: count.default(0).describe('Further attempts.'),
  command_interval: seconds.default(0).describe('Seconds between attempts.'),
  ...evictionLimits,
});

const repairStep = strict({
  repair_command: argv.min(1).describe('Command that repairs a machine; its address is appended.'),
  command_timeout_seconds: whole({ least: 0, most: WEEK }).default(30).describe('Limit for one attempt; 0 = none.'),
  command_retries: count.default(0).describe('Further attempts.'),
  command_interval: seconds.default(0).describe('Seconds between attempts.'),
  need_drain: z.boolean().default(false).describe('Whether the node is drained first.'),
  watch_seconds: seconds.default(0).describe('How long the machine is watched for health afterwards.'),
});

const repairOperation = strict({
  operation: z.string().min(1).max(100).describe('Name of the operation.'),
  repair_steps: z.array(repairStep).min(1).max(50).describe('Steps, in order.'),
  health_check_command: argv.min(1).describe('Command that prints `true` for a healthy machine.'),
  command_timeout_seconds: whole({ least: 0, most: WEEK }).default(30).describe('Limit of the health check; 0 = none.'),
  success_command: argv.default([]).describe('Command that runs after a successful repair.'),
  success_command_timeout: whole({ least: 0, most: WEEK }).default(30).describe('Its limit; 0 = none.'),
});

export const repairSchema = strict({
  repair_procedures: z
    .array(
      strict({
        machine_types: z.array(z.string().min(1).max(100)).min(1).describe('Machine types this is for.'),
        repair_operations: z.array(repairOperation).min(1).describe('What can be done to them.'),
      }),
    )
    .max(100)
    .default([])
    .describe('Procedures by machine type.'),
  max_concurrent_repairs: whole({ least: 1, most: 1000 })
    .default(1)
    .describe('Machines under repair at the same time.'),
  ...evictionLimits,
});

export const trustedRestMappings = placed(
  z.array(
    strict({
      group: z.string().default('').describe('API group; empty for the core group.'),
      version: z.string().min(1).describe('API version, `v1`.'),
      kind: z.string().min(1).describe('Kind.'),
      resource: z.string().min(1).describe('Plural resource name.'),
      namespaced: z.boolean().default(false).describe('Whether the resource lives in namespaces.'),
    }),
  ),
  (mappings) =>
    mappings.flatMap((mapping, index) => {
      const first = mappings.findIndex((other) => sameKind(other, mapping));
      return first === index ? [] : [{ at: [index], finding: duplicateKind(first) }];
    }),
);

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

function sameKind(a: GroupVersionKind, b: GroupVersionKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

const duplicateKind = (first: number): Finding => ({
  code: 'duplicate-mapping',
  want: 'each group, version and kind once',
  hint: `trusted_rest_mappings/${first} names the same kind`,
});
