import process from 'node:process';

/** Aborted by the first Ctrl-C, which then ends nothing but the watching; the second one ends the program. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  return interrupted.signal;
}
