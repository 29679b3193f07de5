import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { run } from './command.ts';
import { LabError } from './errors.ts';
import { nodePid, runInside } from './node/machine.ts';
import { writeAtomically } from './state.ts';
import type { LabPaths, LabRecord, NodeContext } from './state.ts';

const podCidrsByNode = z.record(z.string(), z.string());

/** Pod CIDR by the node's name. */
export type PodCidrs = Readonly<z.infer<typeof podCidrsByNode>>;

export interface SetRoutesOptions {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly environment: Readonly<Record<string, string>>;
  /** Read from the Kubernetes Nodes when absent. */
  readonly podCidrs?: PodCidrs | undefined;
}

/**
 * Plays the network of the machine room: the host and every node reach each node's pod CIDR through that node, after a
 * power cycle too. Returns the routes that were set. Throws LabError when Kubernetes cannot be asked.
 */
export async function setRoutes({ lab, paths, environment, podCidrs }: SetRoutesOptions): Promise<PodCidrs> {
  const wanted = podCidrs ?? (await podCidrsOf(environment));
  const known = Object.fromEntries(
    lab.nodes.flatMap(({ name, address }) => {
      const cidr = wanted[name] ?? wanted[address];
      return cidr === undefined ? [] : [[name, cidr] as const];
    }),
  );
  writeAtomically(fileOf(paths), JSON.stringify(known));
  await applyHostRoutes(lab, known);
  await Promise.all(lab.nodes.map((node) => applyRoutes({ lab, paths, node }, known)));
  return known;
}

/** Sets the host's own routes to all pods, so that a person can reach them. */
export async function applyHostRoutes(lab: LabRecord, podCidrs: PodCidrs): Promise<void> {
  for (const { name, address } of lab.nodes) {
    const cidr = podCidrs[name];
    if (cidr !== undefined) await run('ip', ['route', 'replace', cidr, 'via', address, 'dev', lab.bridge]);
  }
}

/** Sets one node's routes to the pods of the others; does nothing when it is off. */
export async function applyRoutes({ lab, paths, node }: NodeContext, podCidrs: PodCidrs): Promise<void> {
  const pid = nodePid({ paths, node });
  const lines = lab.nodes
    .filter(({ name }) => name !== node.name && podCidrs[name] !== undefined)
    .map(({ name, address }) => `route replace ${podCidrs[name]} via ${address}\n`);
  if (pid !== undefined && lines.length > 0) await runInside(pid, ['ip', '-batch', '-'], lines.join(''));
}

/** The routes set last. */
export function readRoutes(paths: LabPaths): PodCidrs {
  try {
    return podCidrsByNode.parse(JSON.parse(readFileSync(fileOf(paths), 'utf8')));
  } catch {
    return {};
  }
}

function fileOf(paths: LabPaths): string {
  return join(paths.directory, 'routes.json');
}

async function podCidrsOf(environment: Readonly<Record<string, string>>): Promise<PodCidrs> {
  const template = '{range .items[*]}{.metadata.name} {.spec.podCIDR}{"\\n"}{end}';
  try {
    const env = { ...process.env, ...environment };
    const text = await run('kubectl', ['get', 'nodes', '-o', `jsonpath=${template}`], { env });
    const pairs = text.split('\n').map((line) => line.trim().split(' '));
    return Object.fromEntries(pairs.flatMap(([name, cidr]) => (name && cidr ? [[name, cidr] as const] : [])));
  } catch (error) {
    throw new LabError({
      what: 'the pod CIDRs of the nodes are not known',
      why: error instanceof LabError ? error.why : String(error),
      cure: 'write a kubeconfig first: cke-client kubeconfig > "$KUBECONFIG"',
    });
  }
}
