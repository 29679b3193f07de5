/** Things that happen together are told together. */
const debounceMilliseconds = 30;

/** What rings again and again is passed on more and more rarely, up to this long after the last time. */
const longestDelayMilliseconds = 60_000;

/** Quiet for so long, and a source is believed at once again. */
const forgetMilliseconds = 120_000;

/** What has run for so long was no crash loop any more, whatever it did before: where Docker, too, forgets its delays. */
const steadyMilliseconds = 10_000;

export interface Alarm {
  /** What it is about: repeated alarms of one key are slowed down. */
  key: string;
  because: string;
}

interface Source {
  rings: number;
  lastAt: number;
}

export interface Alarms {
  ring: (alarm: Alarm) => void;
  /** What this key is about has started to run: tells a death after a steady life from one more crash. */
  started: (key: string) => void;
}

/**
 * Collects alarms and passes them on: at once the first time, delayed when one source keeps ringing (a container that dies again and
 * again must not make the cluster reconcile without end).
 */
export function createAlarms(wake: (because: string) => void, now: () => number = Date.now): Alarms {
  const sources = new Map<string, Source>();
  const startedAt = new Map<string, number>();
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let due = Infinity;

  const fire = () => {
    timer = undefined;
    due = Infinity;
    const reasons = [...new Set(waiting.values())];
    waiting.clear();
    const more = reasons.length > 3 ? ` and ${reasons.length - 3} more` : '';
    if (reasons.length > 0) wake(`${reasons.slice(0, 3).join('; ')}${more}`);
  };

  return {
    ring({ key, because }) {
      const known = sources.get(key);
      const lived = now() - (startedAt.get(key) ?? now());
      startedAt.delete(key);
      const fresh = known === undefined || lived > steadyMilliseconds || now() - known.lastAt > forgetMilliseconds;
      const source = fresh ? { rings: 0, lastAt: now() } : known;
      sources.set(key, { rings: source.rings + 1, lastAt: now() });
      waiting.set(key, because);
      const at = now() + delayAfter(source.rings);
      if (at >= due) return;
      clearTimeout(timer);
      due = at;
      timer = setTimeout(fire, Math.max(0, at - now()));
      timer.unref();
    },
    started(key) {
      startedAt.set(key, now());
    },
  };
}

/** The first three times at once: a restart by hand, or a container that a node restarts, is no loop yet. */
function delayAfter(rings: number): number {
  if (rings < 4) return debounceMilliseconds;
  return Math.min(longestDelayMilliseconds, 1_000 * 2 ** (rings - 3));
}
