import type { Declaration } from '../../../cluster/declaration/declaration.ts';
import type { EtcdActivities } from '../../contracts/steps.ts';
import { staleBootstrap } from '../etcd-bootstrap.ts';
import { addLearner, promoteLearner, startLearner } from './add.ts';
import { changeRecord, recordMembership } from './record.ts';
import { removeMember } from './remove.ts';
import { recordRemoval, stopRemovedMember, trashDirectory } from './retire.ts';
import type { EtcdPorts } from '../etcd-access.ts';

export type MembershipActivities = Pick<
  EtcdActivities,
  | 'takeEtcdSnapshot'
  | 'recordMembership'
  | 'addLearner'
  | 'startLearner'
  | 'recordSettled'
  | 'promoteLearner'
  | 'removeMember'
  | 'recordRemoval'
  | 'stopRemovedMember'
  | 'trashDirectory'
  | 'dropMembership'
>;

export interface MembershipPorts extends EtcdPorts {
  /** Takes a verified snapshot of a cluster's etcd, keeps it on this machine, and records it (W-10). */
  snapshotBeforeChange: (declaration: Declaration) => Promise<void>;
}

/** Changes of etcd's membership: each reads, checks its rules on fresh facts, acts once, verifies, and adopts what it finds (DESIGN §7). */
export function membershipActivities(ports: MembershipPorts): MembershipActivities {
  return {
    async takeEtcdSnapshot(mandate) {
      const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
      await ports.snapshotBeforeChange(declaration);
    },
    recordMembership: (mandate) => recordMembership(ports, mandate),
    addLearner: (mandate) => addLearner(ports, mandate),
    startLearner: (mandate) => startLearner(ports, mandate),
    recordSettled: (mandate) =>
      changeRecord(ports, mandate, (membership) => {
        if (membership?.memberId === undefined || membership.state === 'removed') throw staleBootstrap(mandate.node);
        return { ...membership, state: 'settled' };
      }),
    promoteLearner: (mandate) => promoteLearner(ports, mandate),
    removeMember: (mandate) => removeMember(ports, mandate),
    recordRemoval: (mandate) => recordRemoval(ports, mandate),
    stopRemovedMember: (mandate) => stopRemovedMember(ports, mandate),
    trashDirectory: (mandate) => trashDirectory(ports, mandate),
    dropMembership: (mandate) =>
      changeRecord(ports, mandate, (membership) => {
        if (membership !== undefined && membership.state !== 'removed') throw staleBootstrap(mandate.node);
        return undefined;
      }),
  };
}
