import { LabError } from './errors.ts';
import { run } from './command.ts';
import { runInside } from './node/machine.ts';
import { nodePid } from './nodes.ts';
import type { LabPaths, LabRecord } from './state.ts';

export interface SetRoutesOptions {
  readonly lab: LabRecord;
  readonly paths: LabPaths;
  readonly environment: Readonly<Record<string, string>>;
  /** Pod CIDR of each node; read from the Kubernetes Nodes when absent. */
  readonly podCidrs?: Readonly<Record<string, string>> | undefined;
}

/**
 * Plays the network of the machine room: every node that is on, and the host, reach each node's pod CIDR through that node.
 * Returns the routes that were set, pod CIDR by node name. Throws LabError when Kubernetes cannot be asked.
 */
export async function setRoutes({
  lab,
  paths,
  environment,
  podCidrs,
}: SetRoutesOptions): Promise<Record<string, string>> {
  const wanted = podCidrs ?? (await podCidrsOf(environment));
  const routes = lab.nodes.flatMap(({ name, address }) => {
    const cidr = wanted[name] ?? wanted[address];
    return cidr === undefined ? [] : [{ name, address, cidr }];
  });
  for (const { address, cidr } of routes)
    await run('ip', ['route', 'replace', cidr, 'via', address, 'dev', lab.bridge]);
  await Promise.all(
    lab.nodes.map(async (node) => {
      const pid = nodePid({ paths, node });
      const others = routes.filter(({ name }) => name !== node.name);
      if (pid === undefined || others.length === 0) return;
      const batch = others.map(({ cidr, address }) => `route replace ${cidr} via ${address}\n`).join('');
      await runInside(pid, ['ip', '-batch', '-'], batch);
    }),
  );
  return Object.fromEntries(routes.map(({ name, cidr }) => [name, cidr]));
}

async function podCidrsOf(environment: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const template = '{range .items[*]}{.metadata.name} {.spec.podCIDR}{"\\n"}{end}';
  try {
    const text = await run('kubectl', ['get', 'nodes', '-o', `jsonpath=${template}`], {
      env: { ...process.env, ...environment },
    });
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
