import { duration } from './output.ts';

/** How long a server may be away while somebody waits: long enough for a restart, short enough for a script. */
const longestMilliseconds = 120_000;

/** For how long nobody has answered. Pure but for the clock that it is given. */
export interface Silence {
  heard(): void;
  /** What to do about one more look that was not answered. */
  unheard(): 'try again' | 'give up';
}

export function createSilence(clock: () => number = () => performance.now()): Silence {
  let since: number | undefined;
  return {
    heard() {
      since = undefined;
    },
    unheard() {
      since ??= clock();
      return clock() - since < longestMilliseconds ? 'try again' : 'give up';
    },
  };
}

/** Said before the command ends with exit code 4. */
export function lostText(cluster: string): string {
  return `Temporal (or every worker) has been silent for ${duration(longestMilliseconds)}: this is not waited for any longer. What was begun goes on; look again with: cke-client status --cluster ${cluster}`;
}
