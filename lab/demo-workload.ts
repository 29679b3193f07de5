import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, output } from './demo-commands.ts';
import type { Lab } from './lab.ts';

const attempts = 40;
const betweenAttempts = 500;

export async function runWorkload(lab: Lab): Promise<void> {
  await output(lab, 'kubectl', 'apply', '-f', join(import.meta.dirname, 'demo-workload.yaml'));
  for (const name of ['echo', 'asker'])
    await output(lab, 'kubectl', 'rollout', 'status', `deployment/${name}`, '--timeout=120s');
}

/** What the Service answered to each node. */
export interface NodeAnswers {
  readonly address: string;
  readonly answers: readonly { readonly node: string; readonly answer: string }[];
}

/** Asks the Service at its cluster IP from every node: each one's kube-proxy has to know it. */
export async function askFromNodes(lab: Lab): Promise<NodeAnswers> {
  const address = await output(lab, 'kubectl', 'get', 'service', 'echo', '-o', 'jsonpath={.spec.clusterIP}');
  const answers = await Promise.all(
    lab.nodes().map(async ({ name }) => ({ node: name, answer: await ask(lab, name, `http://${address}/`) })),
  );
  return { address, answers };
}

async function ask(lab: Lab, node: string, url: string): Promise<string> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await lab.node(node).fetch(url);
    if (answer !== undefined) return answer.trim();
    await sleep(betweenAttempts);
  }
  throw failed(lab, `asking ${url} from ${node}`, `no answer in ${attempts} tries`);
}

/** What a pod got from the others, each on a node of its own, and from the Service. */
export interface PodAnswers {
  readonly node: string;
  readonly answers: readonly string[];
}

/** `nc` would need the request spelt out; the image's wget knows no time limit of its own. */
const asking = 'for url in "$@"; do timeout 3 wget -qO- "$url" || exit 1; done';

/** From inside one pod: every pod of the Deployment by its own address, then the Service. */
export async function askFromPod(lab: Lab): Promise<PodAnswers> {
  const podsNode = 'jsonpath={.items[0].spec.nodeName}';
  const running = '--field-selector=status.phase=Running';
  const node = await output(lab, 'kubectl', 'get', 'pods', '-lapp=asker', running, '-o', podsNode);
  const ready = 'jsonpath={range .items[*].endpoints[?(@.conditions.ready==true)]}{.addresses[0]} {end}';
  const ofService = '-lkubernetes.io/service-name=echo';
  const addresses = await output(lab, 'kubectl', 'get', 'endpointslices', ofService, '-o', ready);
  const service = await output(lab, 'kubectl', 'get', 'service', 'echo', '-o', 'jsonpath={.spec.clusterIP}');
  const urls = [...addresses.split(' ').map((address) => `http://${address}:8080/`), `http://${service}/`];
  const answers = await output(lab, 'kubectl', 'exec', 'deploy/asker', '--', 'sh', '-c', asking, 'ask', ...urls);
  return { node, answers: answers.split('\n') };
}
