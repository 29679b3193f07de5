import { parseSpec } from '../components/drift.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { controlPlaneNames } from '../declaration/nodes.ts';
import type { ContainerObservation, Observation } from '../observation.ts';
import type { Cipher } from './cipher.ts';

interface ServingInput {
  declaration: Declaration;
  observation: Observation;
  /** What every API server is to be given. */
  ciphers: Cipher[];
  /** Nodes that need not be seen: a person has said so. */
  without: readonly string[];
}

/** Whether every API server that may write to etcd has exactly these ciphers. */
export type Serving = { state: 'complete' } | { state: 'open'; because: string };

/**
 * Rules C-05, A-05: a stage is complete when it is seen complete on every control plane, and no API server runs anywhere else. What can't
 * be observed is not complete.
 */
export function allServeWith({ declaration, observation, ciphers, without }: ServingInput): Serving {
  const declared = controlPlaneNames(declaration);
  const wanted = ciphers.join();
  const others = declaration.nodes.filter(({ name }) => !declared.includes(name)).map(({ name }) => name);
  const departing = Object.entries(observation.departing ?? {});
  const reasons = [
    ...declared.map((name) => whyNotServing(observation, name, wanted)),
    ...others.map((name) => whyStillRunning(name, observation.nodes[name], formerRole(observation, name))),
    ...departing.map(([name, { node, seen }]) =>
      whyStillRunning(name, seen, node.control_plane ? 'control plane' : 'worker'),
    ),
  ];
  const open = reasons.find((one) => one !== undefined && !without.includes(one.node));
  return open === undefined ? { state: 'complete' } : { state: 'open', because: open.because };
}

interface Reason {
  node: string;
  because: string;
}

function whyNotServing({ nodes }: Observation, node: string, wanted: string): Reason | undefined {
  const seen = nodes[node];
  if (seen?.state !== 'observed') return { node, because: `${node} can't be observed` };
  const container = seen.containers['kube-apiserver'];
  if (container === undefined) return { node, because: `there is no API server on ${node} yet` };
  if (givenCiphers(container) !== wanted) return { node, because: `the API server on ${node} is replaced` };
  if (container.state === 'running' && container.health.state === 'healthy') return undefined;
  return { node, because: `the API server on ${node} does not serve yet` };
}

/** A node that is no control plane any more. One that never was is not waited for when it can't be observed. */
function whyStillRunning(
  node: string,
  seen: Observation['nodes'][string] | undefined,
  was: 'control plane' | 'worker',
): Reason | undefined {
  if (seen?.state !== 'observed')
    return was === 'control plane'
      ? { node, because: `${node} can't be observed, and an API server may still run there` }
      : undefined;
  if (seen.containers['kube-apiserver'] === undefined) return undefined;
  return { node, because: `${node} is no control plane any more, and its API server still stands` };
}

function formerRole({ records: { etcd } }: Observation, node: string): 'control plane' | 'worker' {
  return etcd.state !== 'never' && etcd.memberships[node] !== undefined ? 'control plane' : 'worker';
}

/** The ciphers of a container by its label, joined; undefined for one that was made before they were named there. */
export function givenCiphers({ spec }: Pick<ContainerObservation, 'spec'>): string | undefined {
  const file = parseSpec(spec ?? '')?.files.find(({ content }) => content === 'encryption-configuration');
  return file?.content === 'encryption-configuration' ? file.ciphers?.join() : undefined;
}
