import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackupOutcome } from '../../activities/contracts/operations.ts';
import { boundaryText, withDeaths, type Boundary } from '../e2e/deaths.ts';
import { dataDirectory, loseData } from '../e2e/emptied.ts';
import { fromJson } from '../e2e/json.ts';
import { prepareKubectl, standingCluster } from '../e2e/standing.ts';
import {
  cke,
  cluster,
  figure,
  kubectl,
  lab,
  memberNames,
  nothingLeft,
  reconcile,
  run,
  seconds,
  until,
} from '../e2e/story.ts';
import { expectStanding } from '../e2e/whole.ts';

const controlPlanes = ['cp-1', 'cp-2', 'cp-3'];
const lost = ['cp-2', 'cp-3'];

/** Where a worker dies, in this order. */
const deaths: Boundary[] = ['beginRestore', 'stopForRestore', 'restoreDirectory', 'concludeBootstrap'].flatMap(
  (activity) => (['before', 'after'] as const).map((when) => ({ activity, when })),
);

describe('etcd is restored from a snapshot', { timeout: 1_200_000 }, () => {
  const made = { place: '', before: '' };

  beforeAll(async () => {
    await standingCluster();
    await kubectl('create', 'configmap', 'kept', '--from-literal=a=1');
    const json = await run('cke-client', 'etcd', 'backup', '--cluster', cluster, '--output', 'json');
    const outcome = fromJson<BackupOutcome>(json);
    if (outcome.outcome !== 'kept') throw new Error(outcome.outcome);
    made.place = outcome.backup.place;
    await kubectl('create', 'configmap', 'later', '--from-literal=a=1');
    made.before = await dataDirectory('cp-1');
  });
  afterAll(async () => {
    await kubectl('delete', 'configmap', 'kept', 'later', '--ignore-not-found');
  });

  test('75: not while the quorum is healthy', async () => {
    const { code, stderr } = await restore('--accept-loss');
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('the cluster is healthy: 3 of 3 voters are in sync');
  });

  test('74: two of three members have lost their data, and nobody has accepted the loss of what came after', async () => {
    for (const name of lost) await loseData(name);
    await until('a quorum that is lost', async () => (await reconcile()).outcome === 'blocked' || undefined, {
      seconds: 120,
    });
    const { code, stderr } = await restore();
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('--accept-loss');
  });

  test(`then it begins anew with the data of the snapshot, the worker being killed ${deaths.map(boundaryText).join(', ')}`, async () => {
    const begun = performance.now();
    await withDeaths(deaths, async () => {
      await until('a restore that is on record', isOrdered, { seconds: 300, everyMilliseconds: 1000 });
      await until('an operation that finds nothing to do', nothingLeft, { seconds: 900, everyMilliseconds: 2000 });
    });
    figure('restore, with the deaths', seconds(performance.now() - begun));
    expect(await memberNames()).toEqual(controlPlanes);
  });

  test('what was written before is there, what came after is not, and the cluster works', async () => {
    await prepareKubectl();
    expect(await kubectl('get', 'configmap', '-o', 'name')).toContain('configmap/kept');
    expect(await kubectl('get', 'configmap', '-o', 'name')).not.toContain('configmap/later');
    await kubectl('create', 'configmap', 'later', '--from-literal=a=2');
    await until('nodes that are ready', allReady, { seconds: 120, everyMilliseconds: 2000 });
    await expectStanding();
  });

  test('the data of before lie where they were (W-09), and the copies of the snapshot are gone', async () => {
    const volume = made.before.slice(0, made.before.lastIndexOf('/'));
    expect(await dataDirectory('cp-1')).not.toBe(made.before);
    expect(await lab.node('cp-1').exec(['ls', `${made.before}/member`])).toContain('wal');
    for (const name of controlPlanes)
      expect(await lab.node(name).exec(['ls', volume])).not.toMatch(/\.db$|unfinished/mu);
  });

  const restore = (...options: string[]) =>
    cke('etcd', 'restore', made.place, '--confirm', cluster, '--cluster', cluster, ...options);

  /** Said again and again, as a person does while workers die: what was ordered is not ordered twice. */
  async function isOrdered(): Promise<true | undefined> {
    const { stderr } = await restore('--accept-loss', '--no-wait');
    return /on record|the cluster is healthy/u.test(stderr) || undefined;
  }
});

async function allReady(): Promise<true | undefined> {
  const conditions = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
  const states = (await kubectl('get', 'nodes', '-o', `jsonpath=${conditions}`)).trim().split(' ');
  return states.every((state) => state === 'True') || undefined;
}
