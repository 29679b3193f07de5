import { ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackupOutcome } from '../../activities/contracts/operations.ts';
import type { BackupRecord } from '../../cluster/etcd/backup.ts';
import { backupWorkflowId } from '../../workflows/contracts.ts';
import { writeDeclaration } from './declaration.ts';
import { fromJson } from './json.ts';
import { standingCluster } from './standing.ts';
import { apply, cluster, lab, run, status, until } from './story.ts';
import { withTemporal } from './temporal-server.ts';

const json = ['--cluster', cluster, '--output', 'json'];
const kept = async () => fromJson<BackupRecord>(await run('cke-client', 'etcd', 'backups', ...json)).kept;
const withBackups = (schedule: string) =>
  writeDeclaration((document) =>
    document.set('etcd_backup', { schedule, retention: 3, directory: `${lab.paths.directory}/backups` }),
  );

/** The cron lines of the cluster's schedule; undefined when there is none. */
const scheduled = () =>
  withTemporal(async (client) => {
    try {
      const { raw } = await client.schedule.getHandle(backupWorkflowId(cluster)).describe();
      return raw.schedule?.spec?.structuredCalendar?.map(({ comment }) => comment);
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  });

describe('backups of etcd', () => {
  beforeAll(standingCluster);
  afterAll(standingCluster);

  test('one that a person asks for is verified, on the list and in status', async () => {
    const outcome = fromJson<BackupOutcome>(await run('cke-client', 'etcd', 'backup', ...json));
    if (outcome.outcome !== 'kept') throw new Error(outcome.outcome);
    expect((await kept())[0]).toEqual(outcome.backup);
    expect((await status()).backups?.kept[0]).toEqual(outcome.backup);
  });

  test('a declared schedule is made, changed and taken away with the declaration, and takes backups', async () => {
    await apply(withBackups('30 2 * * *'));
    expect(await scheduled()).toHaveLength(1);
    const before = (await kept())[0]?.at ?? '';
    await withTemporal((client) => client.schedule.getHandle(backupWorkflowId(cluster)).trigger());
    await until('a backup by the schedule', async () => ((await kept())[0]?.at ?? '') > before || undefined, {
      seconds: 60,
    });
    expect((await kept())[0]?.place).toContain('/backups/story/');
    await apply(writeDeclaration());
    expect(await scheduled()).toBeUndefined();
  });
});
