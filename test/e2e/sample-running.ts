import { setTimeout as sleep } from 'node:timers/promises';
import { containerOn } from './containers.ts';
import { lab } from './story.ts';

export interface RunningSampler {
  /** Names of the nodes where it did not run, for each look at which it did not on more than one. */
  stop(): Promise<string[][]>;
}

/** Looks at a component on several nodes again and again, by the nodes' own Docker. */
export function sampleRunning(component: string, names: readonly string[]): RunningSampler {
  const stopped = new AbortController();
  const several: string[][] = [];
  const working = (async () => {
    while (!stopped.signal.aborted) {
      const looks = names.map(async (name) => ({ name, seen: await containerOn(lab.node(name), component) }));
      const off = (await Promise.all(looks)).filter(({ seen }) => !seen?.running).map(({ name }) => name);
      if (off.length > 1) several.push(off);
      await sleep(150);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await working;
      return several;
    },
  };
}
