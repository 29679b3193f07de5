import { controlPlanes, controlPlaneNames } from '../declaration/nodes.ts';
import type { EtcdRecord } from '../observation.ts';
import type { Blocker } from '../plan.ts';
import {
  isPrepared,
  missingControlPlanes,
  nothing,
  usableNode,
  type Contribution,
  type Facts,
  type Held,
} from './facts.ts';

/**
 * The first start. It needs every control plane (CKE: etcd-boot-aborted), since a cluster must not be born with a member
 * missing, and nodes that no etcd has run on (W-04).
 */
export function bootstrapEtcd(facts: Facts): Contribution {
  const masters = controlPlanes(facts.declaration);
  const { etcd } = facts.observation.records;
  const refusal = changedMeanwhile(facts, etcd) ?? runsAlready(facts, etcd);
  if (refusal) return { ...nothing, blockers: [refusal] };
  const unseen = missingControlPlanes(facts);
  if (unseen.length > 0) return { ...nothing, blockers: [notAllThere(unseen, etcd)] };
  const waiting = masters.filter(({ name }) => !isReady(facts, name)).map(({ name }) => name);
  if (waiting.length > 0) return { ...nothing, held: waiting.map(notPrepared) };
  if (facts.setAside.some(({ step }) => step === 'bootstrap-etcd')) return nothing;
  const restore = etcd.state === 'never' ? undefined : etcd.restore;
  const targets = masters.map(({ name }) => ({ node: name, because: reasonOf(etcd) }));
  if (restore === undefined) return { ...nothing, steps: [{ kind: 'bootstrap-etcd', targets, disruption: 'none' }] };
  return { ...nothing, steps: [{ kind: 'bootstrap-etcd', targets, restore: restore.place, disruption: 'outage' }] };
}

function reasonOf(record: EtcdRecord): string {
  if (record.state === 'never') return 'the cluster has no etcd yet';
  return record.restore === undefined
    ? 'its bootstrap was interrupted'
    : `${record.restore.by} has it begin anew with the data of a snapshot`;
}

function isReady(facts: Facts, name: string): boolean {
  const seen = usableNode(facts, name);
  return seen !== undefined && isPrepared(seen);
}

const notPrepared = (node: string): Held => ({
  gate: 'etcd-bootstrap',
  node,
  component: 'etcd',
  because: 'the node is not prepared yet, and etcd needs all control planes for its first start',
});

function notAllThere(unseen: string[], record: EtcdRecord): Blocker {
  const restores = record.state !== 'never' && record.restore !== undefined;
  return {
    gate: 'etcd-bootstrap',
    code: 'QuorumAtRisk',
    because: `etcd is not started for the first time while ${unseen.join(', ')} can't be used: all control planes are needed`,
    fix: restores
      ? `bring ${unseen.join(', ')} back, or set a machine up anew under its name and address (cke-client ssh accept-host-key)`
      : `bring ${unseen.join(', ')} back, or take it out of the declaration`,
  };
}

/** Without a record of a bootstrap an etcd that stands there is somebody's data: a second cluster is not founded over it. */
function runsAlready(facts: Facts, record: EtcdRecord): Blocker | undefined {
  if (record.state !== 'never') return undefined;
  const found = controlPlanes(facts.declaration).filter(({ name }) => {
    const seen = usableNode(facts, name);
    return seen?.containers.etcd !== undefined || seen?.etcdDirectory === 'intact';
  });
  if (found.length === 0 && facts.observation.etcd.state !== 'observed') return undefined;
  const where = found.map(({ name }) => name).join(', ') || 'its control planes';
  return {
    gate: 'W-04',
    code: 'QuorumAtRisk',
    component: 'etcd',
    because: `etcd has run on ${where} already, and there is no record of its bootstrap: no new one is founded over its data`,
    fix: 'restore the records of this cluster in the management etcd, or move the old container and its data away',
  };
}

/** The members of a first start are fixed when it begins: each was told of the others. */
function changedMeanwhile(facts: Facts, record: EtcdRecord): Blocker | undefined {
  if (record.state === 'never') return undefined;
  // What is left of members of a cluster before a restore founds nothing: it is put away later.
  const begun = Object.keys(record.memberships).filter((name) => record.memberships[name]?.state !== 'removed');
  const declared = controlPlaneNames(facts.declaration);
  if (begun.length === declared.length && begun.every((name) => declared.includes(name))) return undefined;
  return {
    gate: 'etcd-bootstrap',
    code: 'QuorumAtRisk',
    component: 'etcd',
    because: `the first start of etcd has begun on ${begun.join(', ')}, and now ${declared.join(', ')} are declared: its members can't change in the middle`,
    fix: `declare ${begun.join(', ')} as the control planes until etcd runs`,
  };
}
