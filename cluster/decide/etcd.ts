import { mayRestartVoter } from '../etcd/restart.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { EtcdMember } from '../observation.ts';
import type { Blocker, Step, Wait } from '../plan.ts';
import {
  isPrepared,
  missingControlPlanes,
  placements,
  usableNode,
  type Contribution,
  type Facts,
  type Placement,
} from './facts.ts';
import { hasWantedSpec, isCrashLoop, isStopped, runTarget, startTarget } from './placement.ts';
import { crashLoop } from './rollout.ts';

export interface EtcdDecision extends Contribution {
  /** Whether Kubernetes may be built on it now. */
  serves: 'yes' | 'no';
}

/** etcd: bootstrapped once, its stopped members started, settled and restarted one at a time. Membership changes come elsewhere. */
export function decideEtcd(facts: Facts): EtcdDecision {
  return facts.observation.records.etcd.state === 'done' ? runningCluster(facts) : bootstrap(facts);
}

/** The first start needs every control plane (CKE: etcd-boot-aborted): a cluster must not be born with a member missing. */
function bootstrap(facts: Facts): EtcdDecision {
  const masters = controlPlanes(facts.declaration);
  const unseen = missingControlPlanes(facts);
  if (unseen.length > 0) return no({ blockers: [cannotBootstrap(unseen)] });
  const waiting = masters.filter(({ name }) => !isReady(facts, name)).map(({ name }) => name);
  if (waiting.length > 0) return no({ waits: [{ on: 'etcd', because: `${waiting.join(', ')} not prepared yet` }] });
  const failed = facts.setAside.filter(({ component }) => component === 'etcd');
  if (failed.length > 0) return no({});
  const because =
    facts.observation.records.etcd.state === 'never' ? 'the cluster has no etcd yet' : 'its bootstrap was interrupted';
  const targets = masters.map(({ name }) => ({ node: name, because }));
  return no({ steps: [{ kind: 'bootstrap-etcd', targets, disruption: 'none' }] });
}

function isReady(facts: Facts, name: string): boolean {
  const seen = usableNode(facts, name);
  return seen !== undefined && isPrepared(seen);
}

function cannotBootstrap(unseen: string[]): Blocker {
  return {
    gate: 'etcd-bootstrap',
    code: 'QuorumAtRisk',
    because: `etcd is not started for the first time while ${unseen.join(', ')} can't be observed: all control planes are needed`,
    fix: `bring ${unseen.join(', ')} back, or take it out of the declaration`,
  };
}

function runningCluster(facts: Facts): EtcdDecision {
  const members = placements(facts, 'etcd', controlPlanes(facts.declaration));
  const start = startStopped(facts, members);
  const { etcd } = facts.observation;
  if (etcd.state === 'unobservable')
    return no({
      ...start,
      blockers: [...start.blockers, ...(start.steps.length > 0 ? [] : [unobservable(etcd.because)])],
    });
  const voters = etcd.members.filter(({ role }) => role === 'voter');
  const synced = voters.filter(({ sync }) => sync === 'synced');
  const serves = synced.length > voters.length / 2 ? 'yes' : 'no';
  const sick = voters
    .filter(({ sync }) => sync !== 'synced')
    .map((member) => sickMember(member, voters.length, synced.length));
  const maintenance = start.steps.length > 0 || serves === 'no' ? noContribution : maintain(facts, members);
  return {
    serves,
    steps: [...start.steps, ...maintenance.steps],
    blockers: [
      ...start.blockers,
      ...sick.filter(({ node }) => !start.blockers.some((known) => known.node === node)),
      ...maintenance.blockers,
    ],
    waits: [...start.waits, ...maintenance.waits],
  };
}

const noContribution: Contribution = { steps: [], blockers: [], waits: [] };

function no(part: Partial<Contribution>): EtcdDecision {
  return { serves: 'no', steps: part.steps ?? [], blockers: part.blockers ?? [], waits: part.waits ?? [] };
}

/**
 * Brings back members that have stopped, from their settled spec and only on an intact directory (W-05, W-06): one whose
 * directory is gone is a failed member, and starting it would lose writes or found a second cluster (finding 1).
 */
function startStopped(facts: Facts, members: Placement[]): Contribution {
  const steps: Step[] = [];
  const blockers: Blocker[] = [];
  const waits: Wait[] = [];
  for (const one of members) {
    if (one.container !== undefined && !isStopped(one)) {
      if (isCrashLoop(one) && one.container.state !== 'running')
        blockers.push(deadMember(facts, one) ?? crashLoop(one));
      continue;
    }
    const dead = deadMember(facts, one);
    if (dead) blockers.push(dead);
    else if (one.aside === undefined) steps.push(bringBack(one));
  }
  return { steps, blockers, waits };
}

function bringBack(one: Placement): Step {
  if (hasWantedSpec(one))
    return { kind: 'start-component', component: 'etcd', targets: [startTarget(one)], disruption: 'none' };
  return { kind: 'restart-etcd-member', target: runTarget(one), disruption: 'none' };
}

function deadMember(facts: Facts, { node }: Placement): Blocker | undefined {
  const seen = usableNode(facts, node.name);
  if (seen === undefined || seen.etcdDirectory === 'intact') return undefined;
  const { etcd } = facts.observation.records;
  const directory = etcd.state === 'never' ? undefined : etcd.memberships[node.name]?.directory;
  const where = `/var/lib/${facts.declaration.options.etcd.volume_name}/${directory}`;
  const what = seen.etcdDirectory === 'unknown' ? 'could not be looked at' : `is ${seen.etcdDirectory}`;
  return {
    gate: 'W-05',
    code: 'QuorumAtRisk',
    node: node.name,
    component: 'etcd',
    because: `the data directory ${where} of the etcd member on ${node.name} ${what}: the member is not started, since an empty voter could lose acknowledged writes`,
    fix: `put the directory back, or replace the member: cke-client replace ${node.name}`,
  };
}

function sickMember(member: EtcdMember, voters: number, synced: number): Blocker {
  const who = member.node ?? member.id;
  return {
    gate: 'etcd-member',
    code: 'EtcdUnavailable',
    ...(member.node && { node: member.node }),
    component: 'etcd',
    because: `the etcd member on ${who} is ${member.sync === 'unknown' ? 'not observable' : 'not in sync'} (${member.because ?? 'no reason given'}); ${synced} of ${voters} voters are in sync`,
    fix: `cke-client why ${who}`,
  };
}

function unobservable(because: string): Blocker {
  return {
    gate: 'I-01',
    code: 'EtcdUnavailable',
    component: 'etcd',
    because: `etcd can't be observed: ${because}`,
    fix: 'bring back a majority of its members; cke-client why <node> tells what each of them says',
  };
}

/** Authentication, and one restart at a time: settling first, followers before the leader (reliability §2.4). */
function maintain(facts: Facts, members: Placement[]): Contribution {
  const { etcd } = facts.observation;
  if (etcd.state === 'unobservable') return noContribution;
  const steps: Step[] = [];
  if (etcd.authentication === 'disabled')
    steps.push({ kind: 'enable-etcd-authentication', because: 'it is off', disruption: 'none' });
  const memberOn = (name: string) => etcd.members.find(({ node }) => node === name);
  const outdated = members.filter(({ drift, aside }) => drift !== undefined && aside === undefined);
  const [next] = [...outdated].sort((a, b) => rank(memberOn(a.node.name)) - rank(memberOn(b.node.name)));
  if (next === undefined) return { ...noContribution, steps };
  const member = memberOn(next.node.name);
  const verdict = mayRestartVoter({ etcd, memberId: member?.id ?? '' });
  if (verdict.kind !== 'allowed') {
    const wait: Wait = { on: `the etcd member on ${next.node.name}`, because: verdict.because };
    return { ...noContribution, steps, waits: [wait] };
  }
  return {
    ...noContribution,
    steps: [...steps, { kind: 'restart-etcd-member', target: runTarget(next), disruption: 'restart' }],
  };
}

const rank = (member: EtcdMember | undefined): number => (member?.leader === 'leader' ? 1 : 0);
