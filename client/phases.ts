import type { Blocker, Phase } from '../cluster/plan.ts';
import type { OperationProgress } from '../workflows/contracts.ts';

/** What the follower saw at one moment. */
export type Sample =
  | { seen: 'progress'; progress: OperationProgress }
  /** Asked for, not begun: an operation from before is finishing. */
  | { seen: 'queued' }
  /** Temporal or the worker does not answer. */
  | { seen: 'silence'; because: string };

export interface PhaseTrack {
  /** Milliseconds since the follower began, when the current phase began. */
  since: number;
  phase: Phase | 'queued';
  stepsDoneBefore: number;
  stepsDone: number;
  /** When each running step was first seen, for the time that is left. */
  stepSince: Record<string, number>;
  running: OperationProgress['running'];
  silentSince?: number;
  blockersSaid: string[];
}

/** A line that stays: a phase that ended, a blocker that appeared, silence. */
export type Event =
  | { kind: 'phase-began'; phase: PhaseTrack['phase']; at: number; steps: string[] }
  | { kind: 'phase-ended'; phase: PhaseTrack['phase']; took: number; steps: number }
  | { kind: 'blocked'; blocker: Blocker }
  | { kind: 'silent'; because: string }
  | { kind: 'back'; after: number };

export const atTheStart: PhaseTrack = {
  since: 0,
  phase: 'queued',
  stepsDoneBefore: 0,
  stepsDone: 0,
  stepSince: {},
  running: [],
  blockersSaid: [],
};

/** Pure: the next track, and what is worth a line that stays. `at` is in milliseconds since the beginning. */
export function advance(track: PhaseTrack, sample: Sample, at: number): { track: PhaseTrack; events: Event[] } {
  if (sample.seen === 'silence') return fallSilent(track, sample.because, at);
  const { track: heard, events } = hearAgain(track, at);
  if (sample.seen === 'queued') return { track: heard, events };
  const next = follow(heard, sample.progress, at);
  return { track: next.track, events: [...events, ...next.events] };
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

function follow(track: PhaseTrack, progress: OperationProgress, at: number): { track: PhaseTrack; events: Event[] } {
  const moved = progress.phase !== track.phase;
  const fresh = progress.blockers.filter((blocker) => !track.blockersSaid.includes(identity(blocker)));
  const stepSince = Object.fromEntries(progress.running.map(({ step }) => [step, track.stepSince[step] ?? at]));
  const events: Event[] = fresh.map((blocker) => ({ kind: 'blocked', blocker }));
  if (moved) events.unshift(...turnOf(track, progress, at));
  return {
    events,
    track: {
      ...track,
      ...(moved && { phase: progress.phase, since: at, stepsDoneBefore: progress.done.length }),
      stepsDone: progress.done.length,
      stepSince,
      running: progress.running,
      blockersSaid: [...track.blockersSaid, ...fresh.map(identity)],
    },
  };
}

function turnOf(track: PhaseTrack, progress: OperationProgress, at: number): Event[] {
  const began: Event = {
    kind: 'phase-began',
    phase: progress.phase,
    at,
    steps: progress.running.map(({ step }) => step),
  };
  const ended = endOf(track, progress.done.length, at);
  return progress.phase === 'converged' ? ended : [...ended, began];
}

/** The line for the phase that is ending, unless it was only waiting for the beginning. */
export function endOf(track: PhaseTrack, stepsDone: number, at: number): Event[] {
  if (track.phase === 'queued' || track.phase === 'converged') return [];
  return [
    { kind: 'phase-ended', phase: track.phase, took: at - track.since, steps: stepsDone - track.stepsDoneBefore },
  ];
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
