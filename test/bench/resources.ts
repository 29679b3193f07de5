import { join } from 'node:path';
import { stringify } from 'yaml';
import { LabError } from '../../lab/errors.ts';
import { writeAtomically } from '../../lab/state.ts';
import { manyObjects } from '../e2e/manifests.ts';
import { seconds, spread, whole, type Figure } from './figures.ts';
import type { Site } from './site.ts';

/** Objects of users: from the file into the cluster, and passes that find them as they are defined. They stay. */
export async function resources(site: Site, rounds: number): Promise<Figure[]> {
  await site.settled();
  const objects = manyObjects();
  const file = join(site.lab.paths.directory, 'resources.yaml');
  writeAtomically(file, objects.map((object) => stringify(object)).join('---\n'));
  const began = performance.now();
  const argv = ['resource', 'set', file, '--wait', '--cluster', site.cluster];
  const { code, stderr } = await site.lab.run('cke-client', argv);
  const applied = performance.now() - began;
  if (code !== 0) throw new LabError({ what: 'the objects were not applied', why: stderr, cure: argv.join(' ') });
  for (let warm = 0; warm < 3; warm++) await site.reconcile();
  const walls: number[] = [];
  for (let round = 0; round < rounds; round++) walls.push(await site.reconcile());
  return [
    {
      what: `${objects.length} objects of users, from the file into the cluster`,
      ours: seconds(applied),
      goal: '< 10 s',
    },
    {
      what: '… a pass that finds them as defined, p50 / p95',
      ours: spread(walls, (milliseconds) => whole(milliseconds, 'ms')),
      goal: '< 1 s',
    },
  ];
}
