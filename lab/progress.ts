import { stderr } from 'node:process';

/** A named piece of work and how long it took, for the table at the end. */
export interface PhaseTime {
  readonly phase: string;
  readonly milliseconds: number;
}

/** Prints one line per event with the elapsed time, to standard error, and remembers how long each phase took. */
export class Progress {
  readonly #started = performance.now();
  readonly #write: (line: string) => void;
  readonly times: PhaseTime[] = [];

  constructor(write: (line: string) => void = (line) => stderr.write(`${line}\n`)) {
    this.#write = write;
  }

  say(line: string): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1).padStart(6);
    this.#write(`[${seconds} s] ${line}`);
  }

  /** Runs one phase. Work that lasts says every 15 s that it goes on; `detail` tells how far it is. */
  async phase<T>(phase: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const begun = performance.now();
    let detail = '';
    const ticker = setInterval(() => this.say(`${phase} … ${detail}`.trimEnd()), 15_000);
    this.say(phase);
    try {
      return await work((text) => (detail = text));
    } finally {
      clearInterval(ticker);
      this.times.push({ phase, milliseconds: performance.now() - begun });
    }
  }

  /** Milliseconds since this progress began. */
  elapsed(): number {
    return performance.now() - this.#started;
  }
}

/** A progress that says nothing, for tests and for commands whose output is data. */
export function silentProgress(): Progress {
  return new Progress(() => undefined);
}
