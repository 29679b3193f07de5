import { CkeError } from '../errors.ts';
import type { Verdict } from './verdict.ts';

/**
 * Stops what a rule does not allow, right before the irreversible call.
 * @param act what was about to be done, e.g. `remove the etcd member of cp-2`
 * @throws CkeError QuorumAtRisk with the rule and its sentence
 */
export function demand(verdict: Verdict, act: string): void {
  if (verdict.kind === 'allowed') return;
  const why = verdict.kind === 'unknown' ? 'cannot be judged' : 'is not safe now';
  throw new CkeError({
    code: 'QuorumAtRisk',
    message: `to ${act} ${why}: ${verdict.because}`,
    want: `rule ${verdict.rule} to hold`,
    remedy: 'retry',
  });
}
