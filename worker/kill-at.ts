import process from 'node:process';

/**
 * Where a worker is to die, in a test: at the nth call of that activity, before anything was done, or when the nth that succeeded has done
 * all, and has not told. One that is frozen goes on there when somebody sends it SIGCONT.
 */
export interface KillAt {
  activity: string;
  when: 'before' | 'after';
  nth: number;
  signal: 'SIGKILL' | 'SIGSTOP';
}

/** `addLearner:after:1`, or `addLearner:before:1:frozen`: the value of CKE_TEST_KILL_AT. Throws Error for anything else. */
export function readKillAt(text: string): KillAt {
  const [, activity, when, nth, frozen] = /^(\w+):(before|after):([1-9]\d*)(:frozen)?$/u.exec(text) ?? [];
  if (activity === undefined || (when !== 'before' && when !== 'after'))
    throw new Error(`CKE_TEST_KILL_AT is ${text}, and has to be like addLearner:after:1`);
  return { activity, when, nth: Number(nth), signal: frozen === undefined ? 'SIGKILL' : 'SIGSTOP' };
}

type AnyActivity = (input: never) => Promise<unknown>;

/** The same activities, of which one kills or freezes the process. For tests of what crashes leave behind. */
export function withKillAt<T extends object>(
  activities: T,
  { activity, when, nth, signal }: KillAt,
  die = () => signalOurselves(signal),
): T {
  const entry = Object.entries(activities).find(([name]) => name === activity);
  if (entry === undefined) throw new Error(`CKE_TEST_KILL_AT names ${activity}, which is no activity`);
  const call = entry[1] as AnyActivity;
  let calls = 0;
  const deadly: AnyActivity = async (input) => {
    if (when === 'before' && ++calls === nth) await die();
    const result = await call(input);
    if (when === 'after' && ++calls === nth) await die();
    return result;
  };
  return { ...activities, [activity]: deadly };
}

/** Nothing of this process goes on, or not before it is woken up. */
async function signalOurselves(signal: KillAt['signal']): Promise<void> {
  process.kill(process.pid, signal);
  if (signal === 'SIGKILL') await new Promise(() => undefined);
}
