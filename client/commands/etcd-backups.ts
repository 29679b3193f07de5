import { Command } from 'commander';
import { megabytes, type BackupRecord } from '../../cluster/etcd/backup.ts';
import { chosenCluster } from '../cluster-name.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { ago, print, table } from '../output.ts';
import { inSession, type Session } from '../session.ts';

/** `cke-client etcd backups`: from the management etcd, also while Temporal or the cluster are away. */
export function etcdBackupsCommand(): Command {
  const command = new Command('backups')
    .description('list the snapshots of etcd that are kept, the latest first')
    .action((options: ClusterOptions & OutputOptions) => inSession(options, (session) => list(session, options)));
  return withExamples(withOutput(withCluster(command)), [
    'cke-client etcd backups',
    "cke-client etcd backups --output json | jq -r '.kept[0].place'",
  ]);
}

async function list(session: Session, options: ClusterOptions & OutputOptions): Promise<void> {
  const cluster = await chosenCluster(session, options);
  const record = await session.store().backups.get(cluster);
  print({ data: record, format: options.output, asText: (data) => backupsText(data, Date.now()) });
}

function backupsText({ kept, failed }: BackupRecord, now: number): string {
  const rows = kept.map(({ at, revision, bytes, place }) => [ago(at, now), revision, megabytes(bytes), place]);
  const listed = rows.length === 0 ? 'there is none' : table({ columns: ['taken', 'revision', 'size', 'where'], rows });
  return failed === undefined
    ? listed
    : `${listed}\n\nthe latest one failed, ${ago(failed.at, now)}: ${failed.because}`;
}
