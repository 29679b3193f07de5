import { loadavg } from 'node:os';
import { stdout } from 'node:process';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { explain } from '../../lab/errors.ts';
import { bootstrap } from './bootstrap.ts';
import { certificates } from './certificates.ts';
import type { Figure } from './figures.ts';
import { memory } from './memory.ts';
import { noOp } from './no-op.ts';
import { recovery } from './recovery.ts';
import { resources } from './resources.ts';
import { replacement } from './replacement.ts';
import { restarts } from './restarts.ts';
import { simulation } from './simulation.ts';
import { openSite, type Site } from './site.ts';
import { upgrade } from './upgrade.ts';

const parts = [
  'bootstrap',
  'no-op',
  'recovery',
  'restarts',
  'replacement',
  'certificates',
  'memory',
  'resources',
  'upgrade',
  'simulation',
] as const;
type Part = (typeof parts)[number];

interface Options {
  name: string;
  only?: Part[];
  rounds: number;
  keep?: true;
}

const measure: Record<Exclude<Part, 'simulation'>, (site: Site, rounds: number) => Promise<Figure[]>> = {
  bootstrap,
  'no-op': noOp,
  recovery,
  restarts,
  replacement: (site) => replacement(site),
  certificates: (site) => certificates(site),
  memory: (site) => memory(site),
  resources,
  upgrade: (site) => upgrade(site),
};

const options = new Command('bench')
  .description('Measures against a lab of its own, and prints CKE’s figures beside ours')
  .addOption(new Option('-n, --name <lab>', 'which lab').default('bench'))
  .addOption(new Option('--only <parts...>', 'a cluster of an earlier run is needed without bootstrap').choices(parts))
  .addOption(new Option('--rounds <n>', 'how often what can be repeated is').default(20).argParser(Number))
  .option('--keep', 'leave the lab up')
  .parse()
  .opts<Options>();

/** `npm run bench`: a fresh lab, the parts in order, one table. An upgrade begins with a lab whose nodes have the older versions. */
async function bench({ name, only = [...parts], rounds, keep }: Options): Promise<void> {
  const load = loadavg()[0] ?? 0;
  const wanted = parts.filter((one) => one !== 'simulation').filter((one) => only.includes(one));
  const [last, rest] = [wanted.filter((one) => one === 'upgrade'), wanted.filter((one) => one !== 'upgrade')];
  const figures: Figure[] = only.includes('simulation') ? await simulation() : [];
  for (const [lab, chosen, images] of [
    [name, rest, 'present'],
    [`${name}-upgrade`, last, 'older too'],
  ] as const) {
    if (chosen.length === 0) continue;
    const site = await openSite(lab, { images });
    try {
      for (const part of chosen) figures.push(...(await measure[part](site, rounds)));
    } finally {
      await site.client.connection.close();
      if (!keep) await site.lab.down();
    }
  }
  const table = new Table({ head: ['what', 'here', 'CKE 1.35.4', 'goal'], style: { head: [], border: [] } });
  for (const { what, ours, cke = '', goal = '' } of figures) table.push([what, ours, cke, goal]);
  stdout.write(`${table.toString()}\nload of the machine before: ${load.toFixed(1)}\n`);
}

try {
  await bench(options);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
