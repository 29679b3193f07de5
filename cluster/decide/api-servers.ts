import { controlPlanes } from '../declaration/nodes.ts';
import type { Step, Wait } from '../plan.ts';
import { missingControlPlanes, placements, type Facts, type PhaseRule, type Placement } from './facts.ts';
import { hasWantedSpec, isHealthy, runTarget } from './placement.ts';
import { rollOut } from './rollout.ts';

/**
 * API servers: those that serve nobody are brought up together; running ones are replaced one at a time, each withdrawn from
 * the endpoints a round before, and only while all others serve (rules ).
 */
export const apiServers: PhaseRule = (facts) => {
  const all = apiServerPlacements(facts);
  const outdated = all.filter((one) => one.drift !== undefined && isHealthy(one) && one.aside === undefined);
  const brought = rollOut(
    all.filter((one) => !outdated.includes(one)),
    { atOnce: 1 },
  );
  const hold = outdated.length > 0 ? whyNoneMayStop(facts, all) : undefined;
  const next = hold === undefined ? (outdated.find((one) => !isReadyEndpoint(facts, one)) ?? outdated[0]) : undefined;
  return {
    steps: [...brought.steps, ...endpointSteps(facts, all, next), ...replaceStep(facts, next)],
    blockers: brought.blockers,
    waits: [...brought.waits, ...waitForTurn(outdated, hold)],
  };
};

function apiServerPlacements(facts: Facts): Placement[] {
  return placements(facts, 'kube-apiserver', controlPlanes(facts.declaration));
}

/** an API server is stopped by us only while every other one is known to serve. */
function whyNoneMayStop(facts: Facts, all: Placement[]): string | undefined {
  const unseen = missingControlPlanes(facts);
  if (unseen.length > 0) return `${unseen.join(', ')} can't be observed, and no API server is stopped meanwhile`;
  const sick = all.find((one) => !isHealthy(one) || one.aside !== undefined);
  if (sick) return `the API server on ${sick.node.name} does not serve, and no other is stopped meanwhile`;
  if (all.length < controlPlanes(facts.declaration).length) return 'not every control plane is prepared yet';
  return undefined;
}

function waitForTurn(outdated: Placement[], hold: string | undefined): Wait[] {
  if (hold === undefined) return [];
  return [{ on: `kube-apiserver on ${outdated.map(({ node }) => node.name).join(', ')}`, because: hold }];
}

function replaceStep(facts: Facts, next: Placement | undefined): Step[] {
  if (next === undefined || isReadyEndpoint(facts, next)) return [];
  return [{ kind: 'run-component', component: 'kube-apiserver', targets: [runTarget(next)], disruption: 'restart' }];
}

function isReadyEndpoint({ observation }: Facts, { node }: Placement): boolean {
  const { kubernetes } = observation;
  return kubernetes.state === 'observed' && kubernetes.apiEndpoints.ready.includes(node.address);
}

/** The Service default/kubernetes points at the API servers that serve and are not about to be replaced. */
function endpointSteps({ declaration, observation }: Facts, all: Placement[], next: Placement | undefined): Step[] {
  const { kubernetes } = observation;
  if (kubernetes.state !== 'observed') return [];
  const serving = all.filter((one) => isHealthy(one) && one !== next).map(({ node }) => node.address);
  const others = controlPlanes(declaration)
    .map(({ address }) => address)
    .filter((address) => !serving.includes(address));
  const { ready, notReady } = kubernetes.apiEndpoints;
  if (serving.length === 0 || (sameSet(ready, serving) && sameSet(notReady, others))) return [];
  const because = next
    ? `${next.node.name} is withdrawn before its API server is replaced: ${next.drift}`
    : `ready [${ready.join(', ')}] → [${serving.join(', ')}]`;
  return [{ kind: 'update-api-endpoints', ready: serving, notReady: others, because, disruption: 'none' }];
}

function sameSet(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

/** Whether at least one API server serves: what runs against it may be started. */
export function someApiServerServes(facts: Facts): boolean {
  return apiServerPlacements(facts).some(isHealthy);
}

/**
 * Why a component that follows the API servers must keep its old spec for now (S-02, S-03). A control plane that can't be
 * observed holds back another image only: its API server may be the oldest.
 */
export function holdForApiServers(facts: Facts): (one: Placement) => string | undefined {
  const late = apiServerPlacements(facts).find((one) => !hasWantedSpec(one) || !isHealthy(one));
  const unseen = missingControlPlanes(facts);
  return ({ drift }) => {
    if (late) return `the API server on ${late.node.name} comes first`;
    if (unseen.length > 0 && drift?.includes('image'))
      return `the version of the API server on ${unseen.join(', ')} can't be observed`;
    return undefined;
  };
}
