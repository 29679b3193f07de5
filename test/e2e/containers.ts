import Docker from 'dockerode';
import { components } from '../../cluster/components/component.ts';
import type { IssuedCertificate } from '../../cluster/certificates/certificate.ts';
import type { LabNode } from '../../lab/lab-node.ts';
import { fromJson } from './json.ts';
import { lab } from './story.ts';

export interface Container {
  readonly node: string;
  readonly name: string;
  readonly id: string;
  /** Between two deaths Docker calls it running and restarting at once: that is not running. */
  readonly running: boolean;
  readonly startedAt: string;
  /** In the PID namespace of its node. */
  readonly pid: number;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The node's Docker, by its own socket: seen from below, not through the program under test. */
export function dockerOf(node: LabNode): Docker {
  return new Docker({ socketPath: node.dockerSocket() });
}

export async function containerOn(node: LabNode, name: string): Promise<Container | undefined> {
  try {
    const { Id, State, Config, Path, Args } = await dockerOf(node).getContainer(name).inspect();
    return {
      node: node.name,
      name,
      id: Id,
      running: State.Running && !State.Restarting,
      startedAt: State.StartedAt,
      pid: State.Pid,
      command: [Path, ...Args],
      labels: Config.Labels,
    };
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** Every container on these nodes (all that are on by default), ours or not. */
export async function allContainers(nodes: readonly LabNode[] = nodesThatAreOn()): Promise<Container[]> {
  const perNode = await Promise.all(
    nodes.map(async (node) => {
      const listed = await dockerOf(node).listContainers({ all: true });
      return Promise.all(listed.map(({ Names }) => containerOn(node, (Names[0] ?? '').slice(1))));
    }),
  );
  return perNode.flat().filter((one) => one !== undefined);
}

function nodesThatAreOn(): LabNode[] {
  return lab.nodes().filter((node) => node.pid() !== undefined);
}

/** `node/component` and the id of each container: two of these compared show what was replaced. The one that files go through serves nobody. */
export async function containerIds(): Promise<Record<string, string>> {
  const found = (await allContainers()).filter(({ name }) => components.some((component) => component === name));
  return Object.fromEntries(found.map(({ node, name, id }) => [`${node}/${name}`, id]));
}

/** The `node/name` whose container is another one, new or gone. */
export function replaced(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  const places = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...places].filter((place) => before[place] !== after[place]).sort();
}

/** Public facts about the certificates that a container was made with. */
export function certificatesOf({ labels }: Container): IssuedCertificate[] {
  return fromJson<IssuedCertificate[]>(labels['cke.certificates'] ?? '[]');
}
