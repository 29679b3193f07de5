import { subscriptionsOf } from '../../cluster/notification.ts';
import type { BackupActivities } from '../contracts/operations.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { Vault } from '../vault/vault.ts';
import { backUp, type BackupPorts } from './snapshots.ts';

interface Ports extends BackupPorts {
  declarations: AcceptedDeclarations;
  vault: Pick<Vault, 'bucketCredentials'>;
}

/** What the schedule of a cluster's backups does, or a person at once. The cluster is read only. */
export function backupActivities({ declarations, ...ports }: Ports): BackupActivities {
  const { records, backups } = ports.store;
  return {
    async backUpEtcd({ cluster }) {
      const { declaration } = await declarations.get(cluster, 'latest');
      const { record } = await records.getEtcdRecord(cluster);
      if (record.state !== 'done') return { outcome: 'no etcd yet' };
      return { outcome: 'kept', backup: await backUp(ports, declaration) };
    },

    async recordFailedBackup({ cluster, because }) {
      await backups.change(cluster, (record) => ({
        ...record,
        failed: { at: new Date().toISOString(), because },
      }));
      const { declaration } = await declarations.get(cluster, 'latest');
      return subscriptionsOf(declaration);
    },
  };
}
