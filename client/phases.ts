import type { Blocker, Phase } from '../cluster/plan.ts';
import type { Retry } from './retries.ts';
import type { OperationProgress } from '../workflows/contracts.ts';

/** What the follower saw at one moment. */
export type Sample =
  | { seen: 'progress'; progress: OperationProgress; retries?: Retry[] }
  /** Asked for, not begun: an operation from before is finishing. */
  | { seen: 'queued' }
  /** Temporal or the worker does not answer. */
  | { seen: 'silence'; because: string };

export interface PhaseTrack {
  /** Milliseconds since the follower began, when the current phase began. */
  since: number;
  phase: Phase | 'queued';
  /** Whether the phase was seen at work: one without steps is passed over in silence. */
  atWork: 'not yet' | 'seen';
  stepsDoneBefore: number;
  stepsDone: number;
  /** When each running step was first seen, for the time that is left. */
  stepSince: Record<string, number>;
  running: OperationProgress['running'];
  waits: OperationProgress['waits'];
  silentSince?: number;
  blockersSaid: string[];
  retriesSaid: string[];
}

/** A line that stays: a phase that ended, a blocker that appeared, silence. */
export type Event =
  | { kind: 'phase-began'; phase: PhaseTrack['phase']; at: number; steps: string[] }
  | { kind: 'phase-ended'; phase: PhaseTrack['phase']; took: number; steps: number }
  | { kind: 'blocked'; blocker: Blocker }
  | { kind: 'retrying'; retry: Retry }
  | { kind: 'silent'; because: string }
  | { kind: 'back'; after: number };

export const atTheStart: PhaseTrack = {
  since: 0,
  phase: 'queued',
  atWork: 'not yet',
  stepsDoneBefore: 0,
  stepsDone: 0,
  stepSince: {},
  running: [],
  waits: [],
  blockersSaid: [],
  retriesSaid: [],
};

/** Pure: the next track, and what is worth a line that stays. `at` is in milliseconds since the beginning. */
export function advance(track: PhaseTrack, sample: Sample, at: number): { track: PhaseTrack; events: Event[] } {
  if (sample.seen === 'silence') return fallSilent(track, sample.because, at);
  const { track: heard, events } = hearAgain(track, at);
  if (sample.seen === 'queued') return { track: heard, events };
  const next = follow(heard, sample.progress, at);
  const tried = noteRetries(next.track, sample.retries ?? []);
  return { track: tried.track, events: [...events, ...next.events, ...tried.events] };
}

/** The same reason is told once, however often and in however many steps it is met. */
function noteRetries(track: PhaseTrack, retries: Retry[]): { track: PhaseTrack; events: Event[] } {
  const fresh = retries.filter(({ because }) => !track.retriesSaid.includes(because));
  const retriesSaid = [...track.retriesSaid, ...fresh.map(({ because }) => because)];
  return { track: { ...track, retriesSaid }, events: fresh.map((retry) => ({ kind: 'retrying', retry })) };
}

function fallSilent(track: PhaseTrack, because: string, at: number) {
  if (track.silentSince !== undefined) return { track, events: [] };
  return { track: { ...track, silentSince: at }, events: [{ kind: 'silent' as const, because }] };
}

function hearAgain(track: PhaseTrack, at: number): { track: PhaseTrack; events: Event[] } {
  const { silentSince, ...rest } = track;
  if (silentSince === undefined) return { track, events: [] };
  return { track: rest, events: [{ kind: 'back', after: at - silentSince }] };
}

function follow(before: PhaseTrack, progress: OperationProgress, at: number): { track: PhaseTrack; events: Event[] } {
  const { track, events } = turn(before, progress, at);
  const fresh = progress.blockers.filter((blocker) => !track.blockersSaid.includes(identity(blocker)));
  const stepSince = Object.fromEntries(progress.running.map(({ step }) => [step, track.stepSince[step] ?? at]));
  const begins = track.atWork === 'not yet' && progress.running.length > 0;
  const steps = progress.running.map(({ step }) => step);
  return {
    events: [
      ...events,
      ...(begins ? [{ kind: 'phase-began' as const, phase: track.phase, at, steps }] : []),
      ...fresh.map((blocker) => ({ kind: 'blocked' as const, blocker })),
    ],
    track: {
      ...track,
      ...(begins && { atWork: 'seen' as const }),
      stepsDone: progress.done.length,
      stepSince,
      running: progress.running,
      waits: progress.waits,
      blockersSaid: [...track.blockersSaid, ...fresh.map(identity)],
    },
  };
}

/** Ends the phase when another one has begun, or another operation: then fewer steps are done than before. */
function turn(
  track: PhaseTrack,
  { phase, done }: OperationProgress,
  at: number,
): { track: PhaseTrack; events: Event[] } {
  const begunAnew = done.length < track.stepsDone;
  if (!begunAnew && phase === track.phase) return { track, events: [] };
  const stepsDoneBefore = begunAnew ? 0 : done.length;
  return {
    events: endOf(track, begunAnew ? track.stepsDone : done.length, at),
    track: { ...track, phase, since: at, atWork: 'not yet', stepsDoneBefore },
  };
}

/** The line for the phase that is ending, if it did anything. */
export function endOf(track: PhaseTrack, stepsDone: number, at: number): Event[] {
  const steps = stepsDone - track.stepsDoneBefore;
  if (track.phase === 'queued' || (steps === 0 && track.atWork === 'not yet')) return [];
  return [{ kind: 'phase-ended', phase: track.phase, took: at - track.since, steps }];
}

function identity({ gate, node, component }: Blocker): string {
  return [gate, node ?? '', component ?? ''].join(' ');
}

/** Milliseconds until the running steps end, judged by the nodes that are finished; undefined while none is. */
export function timeLeft({ running, stepSince }: PhaseTrack, at: number): number | undefined {
  const left = running.map(({ step, done, of }) => {
    const elapsed = at - (stepSince[step] ?? at);
    return done === 0 || elapsed === 0 ? undefined : (elapsed / done) * (of - done);
  });
  if (left.length === 0 || left.some((one) => one === undefined)) return undefined;
  return Math.max(...left.map((one) => one ?? 0));
}
