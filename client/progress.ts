import { stderr } from 'node:process';
import { count, duration } from './output.ts';
import { type Paint, paintFor } from './paint.ts';
import { retryText } from './retries.ts';
import { advance, atTheStart, endOf, type Event, type PhaseTrack, type Sample, timeLeft } from './phases.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Without a terminal, a phase that lasts says so this often. */
const STILL_MS = 15_000;

export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** Shows a long piece of work on standard error: in place on a terminal, else one line per phase. */
export class ProgressView {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #clock: () => number;
  readonly #began: number;
  #track: PhaseTrack = atTheStart;
  #frame = 0;
  #saidAt = 0;

  constructor(screen: Screen = stderr, clock: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#paint = paintFor(screen);
    this.#clock = clock;
    this.#began = clock();
  }

  elapsed(): number {
    return this.#clock() - this.#began;
  }

  show(sample: Sample): void {
    const at = this.elapsed();
    const { track, events } = advance(this.#track, sample, at);
    this.#track = track;
    for (const event of events) this.#say(event);
    if (this.#inPlace()) this.#draw(at);
    else if (at - this.#saidAt >= STILL_MS) this.#line(this.#stamp(at) + headline(track, at));
  }

  /** Ends the phase under way and clears the moving line. */
  end(): void {
    this.#clear();
    for (const event of endOf(this.#track, this.#track.stepsDone, this.elapsed())) this.#say(event);
  }

  /** A line of its own, above the moving one. */
  say(text: string): void {
    this.#clear();
    this.#line(text);
  }

  #say(event: Event): void {
    if (event.kind === 'phase-began' && this.#inPlace()) return;
    this.#clear();
    this.#line((this.#inPlace() ? '' : this.#stamp(this.elapsed())) + eventLine(event, this.#paint));
  }

  #line(text: string): void {
    this.#saidAt = this.elapsed();
    this.#screen.write(`${text}\n`);
  }

  #draw(at: number): void {
    const frame = FRAMES[this.#frame++ % FRAMES.length] ?? '';
    const text = `${frame} ${headline(this.#track, at)}`;
    this.#screen.write(`\r\u001b[2K${text.slice(0, Math.max(20, (this.#screen.columns ?? 80) - 1))}`);
  }

  #clear(): void {
    if (this.#inPlace()) this.#screen.write('\r\u001b[2K');
  }

  #inPlace(): boolean {
    return this.#screen.isTTY === true;
  }

  #stamp(at: number): string {
    return `[${(at / 1000).toFixed(1).padStart(6)} s] `;
  }
}

/** The line for what goes on now: phase, elapsed time, steps with counts, time left. */
export function headline(track: PhaseTrack, at: number): string {
  const elapsed = duration(at - track.since);
  if (track.silentSince !== undefined) return `no answer for ${duration(at - track.silentSince)}; trying again`;
  if (track.phase === 'queued') return `waiting for the operation to begin  ${elapsed}`;
  const [wait] = track.waits;
  if (track.running.length === 0)
    return wait === undefined
      ? `looking at the cluster  ${elapsed}`
      : `waiting for ${wait.on}  ${elapsed}  ${wait.because}`;
  const left = timeLeft(track, at);
  const steps = fewOf(track.running.map(({ step, done, of }) => (of > 1 ? `${done} of ${of}: ${step}` : step)));
  return [track.phase, elapsed, left === undefined ? '' : `about ${duration(left)} left`, steps]
    .filter((part) => part !== '')
    .join('  ');
}

const MOST_STEPS = 2;
const LONGEST = 100;

/** The first steps in short; how many more there are. */
function fewOf(steps: string[]): string {
  const shown = steps
    .slice(0, MOST_STEPS)
    .map((step) => (step.length <= LONGEST ? step : `${step.slice(0, LONGEST - 1)}…`));
  const more = steps.length - shown.length;
  return more === 0 ? shown.join(' | ') : `${shown.join(' | ')} and ${count(more, 'more step')}`;
}

export function eventLine(event: Event, paint: Paint): string {
  switch (event.kind) {
    case 'phase-began':
      return `${event.phase}: ${fewOf(event.steps)}`;
    case 'phase-ended':
      return `${paint.green('✓')} ${event.phase.padEnd(18)} ${duration(event.took).padStart(8)}  ${count(event.steps, 'step')}`;
    case 'blocked':
      return `${paint.yellow('!')} ${event.blocker.because}`;
    case 'retrying':
      return `${paint.yellow('!')} trying again: ${retryText(event.retry)}`;
    case 'silent':
      return `${paint.yellow('!')} ${event.because}; the work goes on without this terminal, trying again`;
    case 'back':
      return `${paint.green('✓')} it answers again after ${duration(event.after)}`;
  }
  return event satisfies never;
}
