import type { EtcdActivities } from '../contracts/steps.ts';
import { access } from './etcd-access.ts';
import { concludeBootstrap, createDataDirectory, recordBootstrap, type BootstrapPorts } from './etcd-bootstrap.ts';
import { restoreDirectory, stopForRestore } from './etcd-restore.ts';
import { moveLeaderAway, restartMember, startMember } from './etcd-restart.ts';
import { awaitMemberSynced } from './etcd-sync.ts';
import type { MembershipActivities } from './membership/activities.ts';

/** What is done to a cluster's etcd; each checks on fresh facts right before it acts (DESIGN §7). */
export function etcdActivities(ports: BootstrapPorts): Omit<EtcdActivities, keyof MembershipActivities> {
  return {
    recordBootstrap: (mandate) => recordBootstrap(ports, mandate),
    createDataDirectory: (mandate) => createDataDirectory(ports, mandate),
    stopForRestore: (mandate) => stopForRestore(ports, mandate),
    restoreDirectory: (mandate) => restoreDirectory(ports, mandate),
    concludeBootstrap: (mandate) => concludeBootstrap(ports, mandate),
    moveLeaderAway: (mandate) => moveLeaderAway(ports, mandate),
    restartMember: (mandate) => restartMember(ports, mandate),
    startMember: (mandate) => startMember(ports, mandate),
    awaitMemberSynced: (mandate) => awaitMemberSynced(ports, mandate),
    async enableEtcdAuthentication(mandate) {
      const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
      await ports.fence.mayAct(mandate);
      await ports.etcd.enableAuthentication(await access(ports, declaration));
    },
  };
}
