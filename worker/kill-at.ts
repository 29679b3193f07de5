import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Where a worker is to die, in a test. At `one` place: at the nth call of that activity, before anything was done, or when the nth that
 * succeeded has done all, and has not told; one that is frozen goes on there when somebody sends it SIGCONT. At `each`: at every boundary of
 * every activity that `file` does not name yet, and there it is named, so that a chain of workers has one death at each.
 */
export type KillAt =
  | { at: 'one'; activity: string; when: 'before' | 'after'; nth: number; signal: 'SIGKILL' | 'SIGSTOP' }
  | { at: 'each'; file: string };

type KillAtOne = Extract<KillAt, { at: 'one' }>;

/**
 * `addLearner:after:1`, `addLearner:before:1:frozen`, or `each:/path/of/a/file`: the value of CKE_TEST_KILL_AT. Throws Error for anything
 * else.
 */
export function readKillAt(text: string): KillAt {
  const [, file] = /^each:(\/.+)$/u.exec(text) ?? [];
  if (file !== undefined) return { at: 'each', file };
  const [, activity, when, nth, frozen] = /^(\w+):(before|after):([1-9]\d*)(:frozen)?$/u.exec(text) ?? [];
  if (activity === undefined || (when !== 'before' && when !== 'after'))
    throw new Error(`CKE_TEST_KILL_AT is ${text}, and has to be like addLearner:after:1`);
  return { at: 'one', activity, when, nth: Number(nth), signal: frozen === undefined ? 'SIGKILL' : 'SIGSTOP' };
}

type AnyActivity = (input: never) => Promise<unknown>;

/** The same activities, some of which kill or freeze the process. For tests of what crashes leave behind. */
export function withKillAt<T extends object>(activities: T, killAt: KillAt, die = signalOurselves): T {
  return killAt.at === 'one' ? withOne(activities, killAt, die) : withEach(activities, killAt.file, die);
}

function withOne<T extends object>(activities: T, killAt: KillAtOne, die: typeof signalOurselves): T {
  const { activity, when, nth, signal } = killAt;
  const entry = Object.entries(activities).find(([name]) => name === activity);
  if (entry === undefined) throw new Error(`CKE_TEST_KILL_AT names ${activity}, which is no activity`);
  const call = entry[1] as AnyActivity;
  let calls = 0;
  const deadly: AnyActivity = async (input) => {
    if (when === 'before' && ++calls === nth) await die(signal);
    const result = await call(input);
    if (when === 'after' && ++calls === nth) await die(signal);
    return result;
  };
  return { ...activities, [activity]: deadly };
}

function withEach<T extends object>(activities: T, file: string, die: typeof signalOurselves): T {
  const tried = new Set(readFileSync(file, 'utf8').split('\n'));
  const reach = async (boundary: string): Promise<void> => {
    if (tried.has(boundary)) return;
    tried.add(boundary);
    appendFileSync(file, `${boundary}\n`);
    await die('SIGKILL');
  };
  const deadly = Object.entries(activities as Record<string, AnyActivity>).map(
    ([name, call]): [string, AnyActivity] => [
      name,
      async (input) => {
        await reach(`before ${name}`);
        const result = await call(input);
        await reach(`after ${name}`);
        return result;
      },
    ],
  );
  return Object.fromEntries(deadly) as T;
}

/** Nothing of this process goes on, or not before it is woken up. */
async function signalOurselves(signal: KillAtOne['signal']): Promise<void> {
  process.kill(process.pid, signal);
  if (signal === 'SIGKILL') await new Promise(() => undefined);
}
