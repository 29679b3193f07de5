import { unasked, type PendingApproval } from '../approval.ts';
import { providerOf } from '../encryption/cipher.ts';
import { excludedNodes, exclusionQuestions } from '../encryption/exclusion.ts';
import { writingCipher } from '../encryption/key-change.ts';
import type { Blocker } from '../plan.ts';
import { nothing, type Facts, type PhaseRule } from './facts.ts';

/**
 * The encryption of Secrets: what is declared, and what is in force. The API servers follow the record, one by one, as they follow
 * everything else; the record itself is moved on by the campaign that a person starts.
 */
export const secretsEncryption: PhaseRule = ({ declaration, observation: { records } }) => {
  const declared = declaration.secrets_encryption?.provider;
  const { encryption, etcd } = records;
  if (declared === undefined || encryption?.change !== undefined || etcd.state !== 'done') return nothing;
  const inForce = encryption === undefined ? 'secretbox' : providerOf(writingCipher(encryption));
  if (declared === inForce) return nothing;
  const blocker: Blocker = {
    gate: 'secrets-encryption',
    code: 'NotHealthy',
    because: `Secrets are still written with ${inForce}, and ${declared} is declared`,
    fix: 'cke-client secrets rotate-key',
  };
  return { ...nothing, blockers: [blocker] };
};

/** Questions about API servers that can't be observed while the key is being changed. */
export function openExclusions(facts: Facts): PendingApproval[] {
  const approvals = facts.approvals ?? unasked;
  return exclusionQuestions({ ...facts, approvals }).filter(
    ({ fingerprint }) => approvals.stateOf(fingerprint).state === 'open',
  );
}

/** Control planes whose API server is not waited for while the key is being changed: a person has said so. */
export function withoutForKeyChange(facts: Facts): string[] {
  return excludedNodes({ ...facts, approvals: facts.approvals ?? unasked });
}
