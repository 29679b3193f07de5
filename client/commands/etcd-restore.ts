import process, { stderr } from 'node:process';
import { Command } from 'commander';
import { chosenCluster } from '../cluster-name.ts';
import type { ExitCode } from '../exit-codes.ts';
import { askToRestore } from '../look.ts';
import { operatorName } from '../operator.ts';
import { type ClusterOptions, type OutputOptions, withCluster, withExamples, withOutput } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { demandTypedName } from '../typed-name.ts';
import { requestAndFollow } from './reconcile.ts';

type RestoreOptions = ClusterOptions & OutputOptions & { acceptLoss?: true; confirm?: string; wait: boolean };

/** `cke-client etcd restore PLACE`: etcd begins anew with the data of a snapshot, where its quorum is lost. Exit code 0 converged, 1 refused, 3 otherwise. */
export function etcdRestoreCommand(): Command {
  const command = new Command('restore')
    .description('have etcd begin anew with the data of a snapshot; only where its quorum is lost for good')
    .argument('<snapshot>', "as etcd backups lists it, on the worker's machine: machine:/path")
    .option('--accept-loss', 'what was written after the snapshot may be lost')
    .option('--confirm <name>', "the cluster's name, for scripts: otherwise it is asked for and has to be typed")
    .option('--no-wait', 'return as soon as it is on record')
    .action(async (place: string, options: RestoreOptions) => {
      process.exitCode = await inSession(options, (session) => restore(session, place, options));
    });
  return withExamples(withOutput(withCluster(command)), [
    'cke-client etcd backups',
    'cke-client etcd restore bastion:/var/lib/cke/snapshots/prod/2026-01-01T00-00-00-000Z-revision-4711.db --accept-loss',
  ]);
}

async function restore(session: Session, place: string, options: RestoreOptions): Promise<ExitCode> {
  const cluster = await chosenCluster(session, options);
  await demandTypedName(cluster, options.confirm, {
    question: `All API servers of ${cluster} stop, and etcd begins anew with ${place}.`,
    only: 'restored',
  });
  const by = operatorName();
  const loss = options.acceptLoss ? 'accepted' : 'not accepted';
  await askToRestore(await session.temporal(), { cluster, place, loss, by });
  stderr.write(`${cluster}: on record; the data of before stay on the nodes, and are in nobody's way\n`);
  return requestAndFollow({
    session,
    cluster,
    request: { requestedBy: by, because: `${by} has etcd begin anew with a snapshot` },
    wait: options.wait ? 'wait' : 'return',
    output: options.output,
  });
}
