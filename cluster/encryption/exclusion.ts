import type { ApprovalFacts, PendingApproval } from '../approval.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import type { Observation } from '../observation.ts';
import { sayCipher, writingCipher, type EncryptionRecord, type KeyChange } from './key-change.ts';

interface Looked {
  declaration: Declaration;
  observation: Observation;
  approvals: ApprovalFacts;
}

/**
 * What people are asked while a change of the key waits for API servers that can't be observed: one question a node. A declared node
 * is waited for before the old key is dropped, whatever they say.
 */
export function exclusionQuestions(looked: Looked): PendingApproval[] {
  const { encryption } = looked.observation.records;
  const change = encryption?.change;
  if (encryption === undefined || change === undefined) return [];
  return [...(waitsForAll(change) ? [] : hiddenControlPlanes(looked)), ...hiddenDepartures(looked)].map((node) =>
    question(looked, { record: encryption, change, node }),
  );
}

/** Nodes that the present stage of a change is completed without, since a person has allowed it. */
export function excludedNodes(looked: Looked): string[] {
  const allowed = exclusionQuestions(looked).filter(
    ({ fingerprint }) => looked.approvals.stateOf(fingerprint).state === 'approved',
  );
  return allowed.flatMap(({ nodes }) => nodes);
}

/** The stages that take something away from a server that knows the old key only. */
const waitsForAll = ({ stage }: KeyChange): boolean => stage === 'rewriting' || stage === 'dropping';

function hiddenControlPlanes({ declaration, observation }: Looked): string[] {
  return controlPlanes(declaration)
    .map(({ name }) => name)
    .filter((name) => observation.nodes[name]?.state !== 'observed');
}

function hiddenDepartures({ observation: { departing = {} } }: Looked): string[] {
  return Object.entries(departing).flatMap(([name, { node, seen }]) =>
    node.control_plane && seen.state !== 'observed' ? [name] : [],
  );
}

interface Asked {
  record: EncryptionRecord;
  change: KeyChange;
  node: string;
}

function question({ approvals }: Looked, { record, change, node }: Asked): PendingApproval {
  const from = sayCipher(record.settled[0] ?? 'identity');
  const subject = { kind: 'change-encryption-key-without', target: node, from, to: sayCipher(change.to) };
  const asked = { ...subject, revision: approvals.revision };
  const because = `${node} can't be observed: should its API server come back, it can't read what is written with ${sayCipher(writingCipher({ ...record, change: { ...change, stage: 'leading' } }))} until it is replaced`;
  return { ...asked, fingerprint: approvals.fingerprintOf(asked), risk: 'outage', because, nodes: [node] };
}
