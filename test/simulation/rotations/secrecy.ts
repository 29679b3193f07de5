import { storiesOf } from '../../../cluster/notification.ts';
import { violate } from '../model/world.ts';
import type { RotationScene } from './scene.ts';
import { secretMark } from './vault.ts';

/**
 * P12: nothing that Vault keeps to itself gets to where people, history or logs see it: plans, titles, reports, complaints, stories, inputs
 * and answers of activities, records, labels of containers.
 */
export function checkSecrecy({ simulation, truth }: RotationScene): void {
  const { world, lastReport } = simulation;
  const labels = [...world.hosts.values()].flatMap(({ containers }) =>
    [...containers.values()].flatMap((container) => [...Object.values(container.labels), ...container.log]),
  );
  const report = lastReport && { ...lastReport, failed: [], revision: world.declarations.length, epoch: world.epoch };
  const seen = {
    'an input, an answer or a plan': truth.told,
    'the account of what happened': world.trace,
    'a label or a log of a container': labels,
    'a record': [JSON.stringify(world.records), ...world.declarations.map((one) => JSON.stringify(one))],
    'a report or a notification': report ? [JSON.stringify(report), JSON.stringify(storiesOf('model', report))] : [],
  };
  for (const [where, texts] of Object.entries(seen)) {
    const found = texts.find((text) => text.includes(secretMark));
    if (found !== undefined) return violate(world, 'P12', `${where} has a secret: ${found.slice(0, 200)}`);
  }
}
