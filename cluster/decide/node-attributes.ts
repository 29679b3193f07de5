import { cniConfiguration } from '../components/cni.ts';
import { attributeChanges } from '../node-attributes/attribute-changes.ts';
import type { Blocker, Wait } from '../plan.ts';
import { kubernetesNode } from '../view.ts';
import { isPrepared, nothing, usableNode, type PhaseRule } from './facts.ts';

/** Seconds after the start of its kubelet from which a node that is not Ready needs a person's eyes. */
const readySeconds = 180;

/** Labels, annotations and taints of Node objects, removal of what we set included. */
export const nodeAttributes: PhaseRule = ({ declaration, observation }) => {
  const targets = declaration.nodes.flatMap((node) => {
    const live = kubernetesNode(observation, node.name);
    if (live === undefined) return [];
    const owned = observation.records.ownedAttributes[node.name] ?? { labels: [], annotations: [], taints: [] };
    const changes = attributeChanges({ declaration, node, live, owned });
    return changes === undefined ? [] : [{ node: node.name, because: changes.because }];
  });
  if (targets.length === 0) return nothing;
  return { ...nothing, steps: [{ kind: 'update-node-attributes', targets, disruption: 'none' }] };
};

/** The CNI configuration, as soon as a node has its pod CIDR. */
export const cniConfigurations: PhaseRule = (facts) => {
  const { declaration, observation } = facts;
  const targets = declaration.nodes.flatMap((node) => {
    const podCidr = kubernetesNode(observation, node.name)?.podCidr;
    const wanted = cniConfiguration({ declaration, node, podCidr });
    const seen = usableNode(facts, node.name);
    if (wanted === undefined || seen === undefined || !isPrepared(seen)) return [];
    if (observation.records.cniConfigurations[node.name] === wanted.text) return [];
    const because = podCidr === undefined ? 'it is declared' : `its pod CIDR is ${podCidr}`;
    return [{ node: node.name, because, ...(podCidr !== undefined && { podCidr }) }];
  });
  if (targets.length === 0) return nothing;
  return { ...nothing, steps: [{ kind: 'install-cni-configuration', targets, disruption: 'none' }] };
};

/** Nodes that are not Ready: waited for while their kubelet is young, reported after that. */
export const readiness: PhaseRule = (facts) => {
  const blockers: Blocker[] = [];
  const waits: Wait[] = [];
  for (const { name } of facts.declaration.nodes) {
    const node = kubernetesNode(facts.observation, name);
    const kubelet = usableNode(facts, name)?.containers.kubelet;
    if (node === undefined || node.ready === 'true' || kubelet === undefined) continue;
    const because = `${name} is not Ready: ${node.readyMessage}`;
    if (kubelet.upSeconds < readySeconds) waits.push({ on: name, because });
    else
      blockers.push({ gate: 'node-not-ready', code: 'NotHealthy', node: name, because, fix: `cke-client why ${name}` });
  }
  return { ...nothing, blockers, waits };
};

/** Built-in objects that are missing or differ from what we set. */
export const kubernetesObjects: PhaseRule = ({ observation }) => {
  const { kubernetes } = observation;
  if (kubernetes.state !== 'observed' || kubernetes.outdatedObjects.length === 0) return nothing;
  return {
    ...nothing,
    steps: [{ kind: 'apply-objects', objects: kubernetes.outdatedObjects, disruption: 'none' }],
  };
};
