/**
 * What a safety rule says about an action. `unknown` blocks like `refused`, and is reported as "cannot observe", never as
 * fine (DESIGN §7.1). `because` is the sentence an operator reads, with the numbers in it; `rule` is its id in the reference.
 * What is refused for a matter of seconds, with nobody doing anything about it, has `time` as its cure.
 */
export type Verdict =
  | { kind: 'allowed' }
  | { kind: 'refused'; rule: string; because: string; cure?: 'time' }
  | { kind: 'unknown'; rule: string; because: string };

export const allowed: Verdict = { kind: 'allowed' };

export function refused(rule: string, because: string): Verdict {
  return { kind: 'refused', rule, because };
}

export function refusedForNow(rule: string, because: string): Verdict {
  return { kind: 'refused', rule, because, cure: 'time' };
}

export function unknown(rule: string, because: string): Verdict {
  return { kind: 'unknown', rule, because };
}

/** All rules must allow it: the first refusal wins, then the first unknown. */
export function allOf(...verdicts: Verdict[]): Verdict {
  return verdicts.find(({ kind }) => kind === 'refused') ?? verdicts.find(({ kind }) => kind === 'unknown') ?? allowed;
}
