import type { ContainerTarget } from '../steps/base.ts';
import { kubernetesNode } from '../view.ts';
import { nothing, type Contribution, type Facts, type Placement } from './facts.ts';
import { hasWantedSpec, isHealthy } from './placement.ts';
import { secondsBetween } from './seconds-between.ts';

/** Seconds after its start within which a kubelet has registered its node. */
const registrationSeconds = 60;

/**
 * Seconds after its start at which a kubelet that looked for its Node object before it had registered it has looked for the last time
 * but one: its pauses are 0.03, 0.24, 1.9, 15 and 123 seconds, and its node is not Ready meanwhile.
 */
const lateSeconds = 25;

/**
 * What a node says may be the last word of the kubelet before, and a slow one needs its time to say something else: it is started anew
 * while its node has not been Ready for less than this, which is once.
 */
const freshSeconds = 30;

/**
 * Kubelets that are started anew, since they register their node, and prepare its CSINode, only when they start: those without a Node
 * object (CKE: KubeletUnrecognized), and those that had registered too late for their own preparations and now pause for two minutes.
 */
export function kubeletRegistration(facts: Facts, kubelets: Placement[]): Contribution {
  if (facts.observation.kubernetes.state !== 'observed') return nothing;
  const running = kubelets.filter((one) => one.aside === undefined && hasWantedSpec(one) && isHealthy(one));
  const lost = running.filter(({ node }) => kubernetesNode(facts.observation, node.name) === undefined);
  const targets = [
    ...lost.filter(isOlderThan(registrationSeconds)).map(restartOf('its Node object is gone')),
    ...running
      .filter(({ node }) => registeredTooLate(facts, node.name))
      .filter(isOlderThan(lateSeconds))
      .map(restartOf('it registered its node too late to initialize its CSINode')),
  ];
  return {
    ...nothing,
    steps:
      targets.length === 0 ? [] : [{ kind: 'run-component', component: 'kubelet', targets, disruption: 'restart' }],
    waits: lost
      .filter((one) => !isOlderThan(registrationSeconds)(one))
      .map(({ node }) => ({ on: node.name, because: 'its kubelet has not registered it yet' })),
  };
}

function registeredTooLate({ observation }: Facts, name: string): boolean {
  const node = kubernetesNode(observation, name);
  if (node?.ready !== 'false' || !/failed to initialize CSINode.*not found/.test(node.readyMessage)) return false;
  return secondsBetween(node.readySince ?? observation.at, observation.at) <= freshSeconds;
}

const isOlderThan =
  (seconds: number) =>
  ({ container }: Placement): boolean =>
    (container?.upSeconds ?? 0) > seconds;

const restartOf =
  (because: string) =>
  ({ node, container }: Placement): ContainerTarget => ({
    node: node.name,
    because,
    ...(container && { containerId: container.id }),
  });
