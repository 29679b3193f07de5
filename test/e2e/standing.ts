import { existsSync } from 'node:fs';
import { writeAtomically } from '../../lab/state.ts';
import type { UpOptions } from '../../lab/up.ts';
import { allContainers } from './containers.ts';
import { writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { apply, cluster, kubectl, lab, run, until } from './story.ts';

/** A lab with bare nodes, its servers fresh, Vault and credentials prepared; no worker runs yet. */
export async function freshLab(options: Pick<UpOptions, 'images'> = {}): Promise<void> {
  await lab.down();
  await lab.up({ controlPlanes: 3, workers: 2, spares: 1, ...options });
  await run('cke-client', 'init', cluster, '--ssh-key', lab.paths.sshKey);
}

/** The cluster as examples/demo.yaml has it, everything on and converged, whatever the story before left. */
export async function standingCluster(): Promise<void> {
  if (existsSync(lab.paths.directory)) await lab.up();
  else await freshLab();
  await lab.startWorkers();
  const report = await apply(writeDeclaration());
  if (report.outcome !== 'converged') throw new Error(`the cluster does not stand: ${JSON.stringify(report, null, 2)}`);
  await prepareKubectl();
}

/** A kubeconfig for kubectl, and the lab's routes to the pods once all Nodes are Ready. */
export async function prepareKubectl(): Promise<void> {
  writeAtomically(lab.paths.kubeconfig, await run('cke-client', 'kubeconfig', '--cluster', cluster), 0o600);
  await kubectl('wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=120s');
  await lab.routes();
}

interface NodeList {
  items: { metadata: { name: string; labels: Record<string, string> }; status: { conditions: Condition[] } }[];
}

interface Condition {
  type: string;
  status: string;
}

export async function kubernetesNodes(): Promise<NodeList['items']> {
  return fromJson<NodeList>(await kubectl('get', 'nodes', '--output', 'json')).items;
}

/** Waits until the node is Ready, or is known not to be. */
export async function untilReady(name: string, wanted: 'True' | 'not True'): Promise<void> {
  await until(
    `Node ${name} with Ready ${wanted}`,
    async () => {
      const node = (await kubernetesNodes()).find(({ metadata }) => metadata.name === name);
      const ready = node?.status.conditions.find(({ type }) => type === 'Ready')?.status === 'True';
      return ready === (wanted === 'True') || undefined;
    },
    { seconds: 120 },
  );
}

/** Waits until no container of anybody is left on a machine. */
export async function untilClean(name: string, seconds = 480): Promise<void> {
  const probe = async () => (await allContainers([lab.node(name)])).length === 0 || undefined;
  await until(`a clean ${name}`, probe, { seconds, everyMilliseconds: 1000 });
}
