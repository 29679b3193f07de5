import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { firstUpkeepSeed } from './fleets.ts';
import { playOnLanes } from './lanes.ts';
import { createMemory } from './memory.ts';
import type { Seeds } from './play-seeds.ts';
import { isSubject, subjects, type Subject } from './subjects.ts';

const usage = `npm run simulate -- [--schedules 200000] [--from 1] [--length 120] [--lanes CORES] [--about fleet|rotations]
    plays schedules of faults by their seeds; Ctrl-C ends it with a summary
    from ${firstUpkeepSeed} on versions and roles change, too, and people answer
npm run simulate -- [--about rotations] --replay 7,2318,…
    plays one, and tells what happens`;

/** After so many violating schedules it is clear that something is wrong. */
const enough = 5;
const secondsBetweenNews = 10;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '200000' },
    from: { type: 'string', default: '1' },
    length: { type: 'string', default: '120' },
    lanes: { type: 'string', default: String(availableParallelism()) },
    replay: { type: 'string' },
    about: { type: 'string', default: 'fleet' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || !isSubject(values.about)) console.log(usage);
else if (values.replay !== undefined) await replay(values.replay.split(',').map(Number), values.about);
else
  await simulate(
    { count: Number(values.schedules), from: Number(values.from), length: Number(values.length), about: values.about },
    Number(values.lanes),
  );

async function replay(schedule: number[], about: Subject): Promise<void> {
  const { trace, violations } = await subjects[about].run({ schedule, memory: createMemory() });
  console.log(trace.join('\n'));
  if (violations.length > 0) process.exitCode = 1;
}

async function simulate(seeds: Seeds, lanes: number): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  let [played, modelSeconds, violating] = [0, 0, 0];
  const began = process.cpuUsage();
  const summary = () => {
    const { user, system } = process.cpuUsage(began);
    const seconds = (user + system) / 1e6;
    const days = (modelSeconds / 86_400).toFixed(1);
    return `${played} of ${seeds.count} schedules from seed ${seeds.from} (${days} days of the fleet), ${(played / seconds).toFixed(0)} per second and core: ${violating} violating`;
  };
  const news = setInterval(() => console.log(summary()), secondsBetweenNews * 1000);
  await playOnLanes(seeds, lanes, {
    signal: stop.signal,
    played: (seconds) => {
      played += 1;
      modelSeconds += seconds;
    },
    found: ({ seed, property, because, replay: command }) => {
      violating += 1;
      console.log(`seed ${seed} breaks ${property}: ${because}\n  ${command}`);
      if (violating >= enough) stop.abort();
    },
  });
  clearInterval(news);
  console.log(summary());
  if (violating > 0) process.exitCode = 1;
}
