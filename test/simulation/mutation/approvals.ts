import { inUpkeep, type Mutant } from './mutant.ts';

const approvals = 'cluster/decide/approvals.ts';
const store = 'activities/store/approvals.ts';

/** Guards of what waits for a person's yes (DESIGN §7.7). */
export const approvalGuards: Mutant[] = inUpkeep([
  [
    'P11',
    'what is asked waits for the answer',
    { file: approvals, find: "if (open.length > 0) return { answer: 'open', questions: open };", put: '' },
  ],
  [
    'P11',
    'a no is a no',
    {
      file: approvals,
      find: "if (found.state === 'rejected') return",
      put: "if (found.state === 'rejected' && !one.nodes) return",
    },
  ],
  [
    'P11',
    'an answer is for one target',
    {
      file: 'cluster/approval.ts',
      find: 'canonicalJson({ kind, target, from, to, revision })',
      put: "canonicalJson({ kind, target: target !== '', from, to, revision })",
    },
  ],
  [
    'P11',
    'an answer to another revision is none',
    {
      file: 'cluster/approval.ts',
      find: 'canonicalJson({ kind, target, from, to, revision })',
      put: 'canonicalJson({ kind, target, from, to, revision: revision > 0 })',
    },
  ],
  [
    'P11',
    'an answer ends with its time',
    {
      file: store,
      after: 'export function isOpen',
      find: 'Date.parse(expiresAt) > now.getTime()',
      put: 'now.getTime() > 0',
    },
  ],
  [
    'P11',
    'a control plane that still votes is not drained as a worker',
    { file: 'cluster/decide/risk.ts', find: '|| mayVote(observation, node)', put: '' },
  ],
  [
    'P11',
    'a new member brings no other version along unasked',
    {
      file: 'cluster/decide/risk.ts',
      find: "if (step.kind === 'add-etcd-member' || step.kind === 'settle-etcd-member')",
      put: "if (step.kind === 'drain-node')",
    },
  ],
]);
