import { acceptedDeclaration } from './servers.ts';
import { lab, reconcile, untilConverged } from './story.ts';

export interface Cast {
  /** A control plane that is to go. */
  readonly goes: string;
  /** The other control planes. */
  readonly stays: readonly string[];
  /** The machine that is no part of the cluster. */
  readonly free: string;
}

/** Who plays which part in a replacement, whatever an earlier story, or a first try, has left: that is brought to its end first. */
export async function cast(): Promise<Cast> {
  await lab.startWorkers();
  for (const node of lab.nodes()) await node.powerOn();
  await reconcile();
  await untilConverged(300);
  const { nodes } = await acceptedDeclaration();
  const controlPlanes = nodes.flatMap(({ name, control_plane }) => (control_plane ? [name] : []));
  // Not the first one: kubectl asks that one.
  const [goes = '', ...stays] = controlPlanes.toReversed();
  const free = lab.nodes().find(({ name }) => nodes.every((node) => node.name !== name));
  if (free === undefined) throw new Error('every machine of the lab is declared');
  return { goes, stays, free: free.name };
}
