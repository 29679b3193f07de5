import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepts } from '../../lab/node/machine.ts';
import { writeDeclaration } from './declaration.ts';
import { freshLab, prepareKubectl } from './standing.ts';
import { apply, figure, lab, reconcile, seconds, status, until, untilConverged } from './story.ts';
import { whileSealed } from './sealed.ts';
import { underWay } from './temporal-server.ts';
import { expectWhole } from './whole.ts';

const sealedSeconds = 25;

describe('the manager’s own servers go away in the middle of a bootstrap', () => {
  const going = { file: '', begun: 0 };

  beforeAll(async () => {
    await freshLab();
    await lab.startWorkers();
    going.file = writeDeclaration();
    going.begun = performance.now();
  });
  afterAll(() => lab.unsealVault());

  test('Vault is sealed: the cluster waits and says so, and goes on when it is unsealed', async () => {
    const applied = apply(going.file).catch(() => undefined);
    await underWay('createFileContainer');
    await whileSealed(sealedSeconds, async () =>
      expect((await status()).status?.lastReport?.outcome).not.toBe('converged'),
    );
    const unsealed = performance.now();
    await applied;
    await underWay('replaceContainer');
    figure('unsealed to work', seconds(performance.now() - unsealed));
  });

  test('Temporal’s server is killed and comes back: the work goes on where it was', async () => {
    await underWay('concludeBootstrap');
    await lab.stopServer('temporal', 'kill');
    const { temporal } = lab.record().ports;
    await until('a closed port', async () => !(await accepts('127.0.0.1', temporal)) || undefined, { seconds: 10 });
    await sleep(3000);
    await lab.startServer('temporal');
    await untilConverged(300);
    figure('bootstrap with Vault sealed and Temporal killed', seconds(performance.now() - going.begun));
    expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [], failed: [] });
    await expectWhole({ declaration: readFileSync(going.file, 'utf8'), setsLost: Infinity });
    await prepareKubectl();
  });
});
