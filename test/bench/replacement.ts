import { setTimeout as sleep } from 'node:timers/promises';
import { askStatus } from '../../client/requests.ts';
import { shown } from '../../lab/demo-commands.ts';
import type { LabNode } from '../../lab/lab-node.ts';
import { activitiesText, roundsText } from './bootstrap.ts';
import { seconds, type Figure } from './figures.ts';
import { operationsSince } from './operation-history.ts';
import type { Site } from './site.ts';

const [member, newcomer] = ['cp-3', 'spare-1'];

const cke = '36–39 s, and the old machine goes on running';

/** A control plane is replaced: a healthy one, and then, the other way round, one that has lost its power. */
export async function replacement(site: Site): Promise<Figure[]> {
  const { lab } = site;
  const [there, spare] = [lab.node(member), await lab.addNode(newcomer)];
  await site.settled();
  // A worker that has looked at the members for a while knows that they are stable.
  await site.reconcile();
  const healthy = await replaceAndClean(site, there, spare);
  await spare.powerOff();
  const noticed = await noticedAfter(site);
  const dead = await replaceAndClean(site, spare, there);
  const cleaned = await cleanedAfterPowerOn(site, spare);
  return [
    {
      what: 'replacement of a healthy control plane, old machine drained and cleaned',
      ours: seconds(healthy),
      cke,
      goal: '< 30 s',
    },
    { what: 'a control plane loses its power: until status says so', ours: seconds(noticed) },
    { what: 'replacement of a dead control plane, as status shows it', ours: seconds(dead), cke, goal: '< 40 s' },
    { what: '… then from its power-on until its machine is clean', ours: seconds(cleaned) },
  ];
}

/** Milliseconds until an operation has ended that could not converge: what a person sees, and then orders the replacement. */
async function noticedAfter({ client, cluster }: Site): Promise<number> {
  const begun = performance.now();
  while ((await askStatus(client, cluster))?.lastReport?.outcome === 'converged') await sleep(200);
  return performance.now() - begun;
}

/** Milliseconds from the command to its end. Throws when it does not converge. */
async function replaceAndClean({ lab, client, cluster }: Site, old: LabNode, fresh: LabNode): Promise<number> {
  const [since, begun] = [Date.now(), performance.now()];
  const words = ['replace', old.name, '--with', fresh.address, '--hostname', fresh.name, '--cluster', cluster];
  const { code, stdout } = await shown(lab, 'cke-client', ...words);
  const milliseconds = performance.now() - begun;
  const operations = await operationsSince(client, cluster, since);
  process.stdout.write(`${roundsText(operations)}\n${activitiesText(operations)}\n`);
  if (code !== 0) throw new Error(`cke-client ${words.join(' ')} ended with ${code}: ${stdout}`);
  return milliseconds;
}

async function cleanedAfterPowerOn({ lab }: Site, node: LabNode): Promise<number> {
  await lab.node(node.name).powerOn();
  const begun = performance.now();
  const left = () => node.exec(['docker', 'ps', '--all', '--quiet']);
  while ((await left()).trim() !== '') await sleep(200);
  return performance.now() - begun;
}
