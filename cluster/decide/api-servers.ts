import { controlPlanes } from '../declaration/nodes.ts';
import type { Component } from '../components/component.ts';
import { versionOfImage } from '../declaration/image-reference.ts';
import { minorOf, parseVersion, type Version } from '../declaration/versions.ts';
import type { Step } from '../steps/step.ts';
import { kubernetesNode } from '../view.ts';
import { lacksApproval } from './approvals.ts';
import { withoutForKeyChange } from './encryption.ts';
import { mayOthersBeReady, endpointSteps, isReadyEndpoint } from './api-endpoints.ts';
import {
  imageOf,
  missingControlPlanes,
  placements,
  type Facts,
  type Held,
  type PhaseRule,
  type Placement,
} from './facts.ts';
import { whyNoPlugin } from './kms-plugins.ts';
import { hasWantedSpec, isAiling, isHealthy, runTarget } from './placement.ts';
import { cutOff, lacksWayToEtcd, recoverInTurn } from './recovering-api-servers.ts';
import { heldBy, holdBack, rollOut } from './rollout.ts';
import { isOlderMinor, runningIn, whyTooFar } from './version-skew.ts';

/**
 * API servers: missing ones are brought up together, those that may come back by themselves in turn; running ones are replaced one at
 * a time, each withdrawn from the endpoints a round before, and only while all others serve (rules ).
 */
export const apiServers: PhaseRule = (facts) => {
  const all = apiServerPlacements(facts);
  const replaceable = all.filter((one) => one.drift !== undefined && isHealthy(one) && one.aside === undefined);
  const outdated = replaceable.filter((one) => whyNoPlugin(facts, one) === undefined);
  const severed = all.filter((one) => isAiling(one) && lacksWayToEtcd(facts, one));
  const waiting = recoverInTurn(facts, { all, severed });
  const left = [...replaceable, ...severed, ...waiting.map(({ one }) => one)];
  const brought = rollOut(
    all.filter((one) => !left.includes(one) && hasVoterOrRuns(facts, one)),
    { atOnce: 1, atLeast: 0, bar: (one) => whyNoPlugin(facts, one) },
  );
  const hold = outdated.length > 0 ? whyNoneMayStop(facts, all) : undefined;
  const next = hold === undefined ? (outdated.find((one) => !isReadyEndpoint(facts, one)) ?? outdated[0]) : undefined;
  const replacement = next && replace(facts, next);
  const asks = replacement !== undefined && lacksApproval(facts, replacement);
  const isDue = replacement !== undefined && (asks || mayBeStopped(facts, next));
  return {
    ...brought,
    // What waits for a yes goes on serving meanwhile: it is not withdrawn before.
    steps: [
      ...brought.steps,
      ...endpointSteps(facts, all, asks || isAlone(facts) ? undefined : next),
      ...(isDue ? [replacement] : []),
    ],
    held: [
      ...brought.held,
      ...severed.map((one) => holdBack(one, cutOff(one))),
      ...waiting.map(({ one, because }) => ({ ...holdBack(one, because), gate: 'A-01' })),
      ...replaceable.flatMap((one) => heldBy(one, whyNoPlugin(facts, one))),
      ...takeTurns(outdated, hold),
      ...(next !== undefined && isAlone(facts) && !isDue ? [holdBack(next, othersMayServe)] : []),
    ],
  };
};

const othersMayServe =
  'it is the only one that stays, and clients may be sent to another API server: that one is withdrawn first, or taken away by hand';

/** A new control plane's API server comes after its etcd member votes (reliability §2.1): until then the node may be taken back. */
function hasVoterOrRuns({ observation: { etcd } }: Facts, { node, container }: Placement): boolean {
  if (container !== undefined || etcd.state !== 'observed') return true;
  return etcd.members.some((member) => member.node === node.name && member.role === 'voter');
}

export function apiServerPlacements(facts: Facts): Placement[] {
  return placements(facts, 'kube-apiserver', controlPlanes(facts.declaration));
}

/** an API server is stopped by us only while every other one is known to serve. */
function whyNoneMayStop(facts: Facts, all: Placement[]): string | undefined {
  const without = withoutForKeyChange(facts);
  const unseen = missingControlPlanes(facts).filter((name) => !without.includes(name));
  if (unseen.length > 0) return `${unseen.join(', ')} can't be observed, and no API server is stopped meanwhile`;
  const sick = all.find((one) => !isHealthy(one) || one.aside !== undefined);
  if (sick) return `the API server on ${sick.node.name} does not serve, and no other is stopped meanwhile`;
  if (all.length + without.length < controlPlanes(facts.declaration).length)
    return 'not every control plane is prepared yet';
  if (all.length > 1 && facts.observation.kubernetes.state !== 'observed')
    return 'it can’t be withdrawn from the endpoints first, since Kubernetes can’t be observed';
  return whyTooNew(facts);
}

/** S-01, S-02: nothing that runs may be left too far behind. */
function whyTooNew({ declaration, observation, readImage }: Facts): string | undefined {
  const to = versionOfImage(declaration.images['kube-apiserver']);
  const because = to && whyTooFar(to, runningIn(observation, readImage));
  return because && `${because}; declare a version of ${minorOf({ ...to, minor: to.minor - 1 })} first`;
}

/**
 * Why a component may not even be started with the wanted version: an API server is of an older minor still, or may be where it can't be
 * seen, and nothing may be newer than that (S-02).
 */
export function barForOlderServers(facts: Facts): (one: Placement) => string | undefined {
  const wanted = versionOfImage(facts.declaration.images['kube-apiserver']);
  // One with the wanted spec has the wanted image: only the label of another is read.
  const old = apiServerPlacements(facts).find(
    (one) => !hasWantedSpec(one) && isOlderMinor(versionOfImage(imageOf(facts, one.container)), wanted),
  );
  const hidden = missingControlPlanes(facts).find((name) => mayBeOlder(facts, name, wanted));
  const unseen = hidden !== undefined && !hasFollowed(facts, wanted) ? hidden : undefined;
  return ({ component }) => {
    if (old) return `${component} must not be newer than the API server on ${old.node.name}`;
    return unseen && `${component} must not be newer than the API server on ${unseen}, which can't be observed`;
  };
}

/** Kubelets follow the API servers: where one has told that it is new the API server is new, too. One that was never prepared runs nothing. */
function mayBeOlder({ observation }: Facts, name: string, wanted: Version | undefined): boolean {
  if (observation.records.nodes?.[name] === undefined) return false;
  const told = parseVersion(kubernetesNode(observation, name)?.kubeletVersion ?? '');
  return told === undefined || isOlderMinor(told, wanted);
}

/**
 * Whether what follows the API servers has come to the wanted minor anywhere, or nothing has followed them yet at all: the first to
 * come up with it did so when every API server was seen with it, and none of them goes back (S-03, S-04).
 */
function hasFollowed({ observation, readImage }: Facts, wanted: Version | undefined): boolean {
  const { kubernetes } = observation;
  const followers = runningIn(observation, readImage).filter(({ component }) => following.includes(component));
  if (followers.length === 0) return kubernetes.state === 'observed' && kubernetes.nodes.length === 0;
  return followers.some(({ version }) => {
    const is = parseVersion(version ?? '');
    return is !== undefined && !isOlderMinor(is, wanted);
  });
}

const following: Component[] = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];

function takeTurns(outdated: Placement[], hold: string | undefined): Held[] {
  return hold === undefined ? [] : outdated.map((one) => ({ ...holdBack(one, hold), gate: 'A-01' }));
}

const isAlone = ({ declaration }: Facts): boolean => controlPlanes(declaration).length === 1;

/**
 * The only API server is never out of the endpoints: its replacement is an outage of seconds. Those of control planes that leave
 * are out of them before.
 */
function mayBeStopped(facts: Facts, next: Placement | undefined): boolean {
  if (next === undefined) return false;
  return isAlone(facts) ? !mayOthersBeReady(facts, next) : !isReadyEndpoint(facts, next);
}

function replace(facts: Facts, next: Placement): Step {
  const disruption = isAlone(facts) ? 'outage' : 'restart';
  return { kind: 'run-component', component: 'kube-apiserver', targets: [runTarget(next)], disruption };
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
