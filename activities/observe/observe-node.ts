import { etcdDataDirectory } from '../../cluster/components/etcd.ts';
import { components, type Component } from '../../cluster/components/component.ts';
import type { Declaration, NodeDeclaration } from '../../cluster/declaration/declaration.ts';
import type { Authority } from '../../cluster/certificates/certificate.ts';
import { parseSpec } from '../../cluster/components/drift.ts';
import { CkeError } from '../../cluster/errors.ts';
import type {
  ClusterRecords,
  ContainerObservation,
  Health,
  NodeObservation,
  ObservedNode,
} from '../../cluster/observation.ts';
import { readLabels } from '../labels.ts';
import type { ListedContainer, NodeDocker } from '../node/docker.ts';
import type { NodeFiles } from '../node/files.ts';
import { fileContainerName } from '../node/our-names.ts';
import { damagedCode } from '../node/publish-script.ts';
import { explainDamage } from './damage.ts';

/** Younger containers are looked at closely: they may be dying again and again. */
const youngSeconds = 10;

/** After so many restarts a young container that runs at the moment is not called healthy. */
const manyRestarts = 3;

const logLines = 8;

export interface NodeToObserve {
  declaration: Declaration;
  node: NodeDeclaration;
  records: ClusterRecords;
  docker: NodeDocker;
  files: () => NodeFiles;
  fileCheck: 'as checked last' | 'check when due';
  /** PEM of all CA certificates of an authority: asked for where a file is damaged. */
  authorityBundle: (authority: Authority) => Promise<string>;
  /** Asked for the running ones whose health the engine can't tell. */
  health: (component: Component, container: ListedContainer) => Promise<Health>;
}

/** One look at a node: one request to Docker in the steady state. Never throws. */
export async function observeNode(input: NodeToObserve): Promise<NodeObservation> {
  try {
    const { docker } = input;
    const listed = await docker.list();
    const found = await Promise.all(
      components.map(async (component) => {
        const container = listed.find(({ name }) => name === component);
        return container && ([component, await observeContainer({ input, docker, component, container })] as const);
      }),
    );
    return {
      state: 'observed',
      containers: Object.fromEntries(found.filter((one) => one !== undefined)),
      // One of another cluster proves nothing for ours: the node has to be looked at, and is refused then.
      preflight: listed.some((one) => one.name === fileContainerName && isOf(input.declaration, one))
        ? 'passed'
        : 'unknown',
      etcdDirectory: await observeDirectory(input, listed),
      ...(await observeFiles(input, listed)),
    };
  } catch (error) {
    return unreachable(input.node, error);
  }
}

function isOf({ name }: Declaration, { labels }: ListedContainer): boolean {
  return readLabels(labels).cluster === name;
}

function unreachable({ name }: NodeDeclaration, error: unknown): NodeObservation {
  if (!(error instanceof CkeError))
    return { state: 'unreachable', code: 'NodeUnreachable', because: `${name}: ${String(error)}` };
  const { code, message, fix } = error.complaint;
  return { state: 'unreachable', code, because: fix === undefined ? message : `${message} (${fix})` };
}

interface ContainerToObserve {
  input: NodeToObserve;
  docker: NodeDocker;
  component: Component;
  container: ListedContainer;
}

async function observeContainer({
  input,
  docker,
  component,
  container,
}: ContainerToObserve): Promise<ContainerObservation> {
  const { epoch, spec, certificates } = readLabels(container.labels);
  const { id, state, upSeconds, exitCode } = container;
  const health = await healthOf(input, component, container);
  const seen: ContainerObservation = {
    id,
    state,
    upSeconds,
    epoch,
    certificates,
    health,
    ...(spec !== undefined && { spec }),
    ...(exitCode !== undefined && { exitCode }),
  };
  if (health.state === 'healthy' && upSeconds >= youngSeconds) return seen;
  const close = await lookClosely(docker, id);
  const dying = state === 'running' && upSeconds < youngSeconds && (close.restarts ?? 0) >= manyRestarts;
  return { ...seen, ...close, ...(dying && { health: { state: 'unhealthy', because: 'it dies again and again' } }) };
}

async function healthOf(input: NodeToObserve, component: Component, container: ListedContainer): Promise<Health> {
  if (container.state !== 'running') return { state: 'unhealthy', because: `it is ${container.state}` };
  return input.health(component, container);
}

async function lookClosely(docker: NodeDocker, id: string): Promise<Partial<ContainerObservation>> {
  const [inspected, lastLog] = await Promise.all([docker.inspect(id), docker.logs(id, logLines)]);
  const said = inspected?.startFailure === undefined ? lastLog : [...lastLog, inspected.startFailure];
  return { lastLog: said, ...(inspected && { restarts: inspected.restarts, exitCode: inspected.exitCode }) };
}

/** The list says how the last check ended, and when: only what is damaged, or due for a check, costs more requests. */
async function observeFiles(
  { declaration, files, fileCheck, authorityBundle }: NodeToObserve,
  listed: ListedContainer[],
): Promise<Pick<ObservedNode, 'damage'>> {
  const checker = listed.find(({ name }) => name === fileContainerName);
  if (checker?.endedSeconds === undefined) return {};
  const isDue = fileCheck === 'check when due' && checker.endedSeconds >= declaration.reconcile.file_check_seconds;
  if (!isDue && checker.exitCode !== damagedCode) return {};
  const ours = files();
  const damage = isDue ? await ours.check() : await ours.damage();
  if (damage.length === 0) return {};
  const specs = listed.flatMap(({ labels }) => parseSpec(readLabels(labels).spec ?? '') ?? []);
  return {
    damage: await explainDamage({
      damage,
      specs: Object.fromEntries(specs.map((spec) => [spec.component, spec])),
      read: (path) => ours.readFile(path),
      authorityBundle,
      now: new Date(),
    }),
  };
}

/** The data directory is looked at only where etcd does not run: there it decides whether the member may be started (W-05). */
async function observeDirectory(
  { declaration, node, records, files }: NodeToObserve,
  listed: ListedContainer[],
): Promise<'unknown' | 'absent' | 'empty' | 'intact'> {
  if (records.etcd.state === 'never') return 'unknown';
  const membership = records.etcd.memberships[node.name];
  if (membership === undefined || listed.some(({ name, state }) => name === 'etcd' && state === 'running'))
    return 'unknown';
  if (!listed.some(({ name }) => name === fileContainerName)) return 'unknown';
  return files().directoryState(etcdDataDirectory(declaration, membership.directory));
}
