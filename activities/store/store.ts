import { storeApprovals } from './approvals.ts';
import type { Approvals } from './approvals.ts';
import { storeBackups, type BackupRecords } from './backups.ts';
import { connectStore } from './connection.ts';
import type { StoreOptions } from './connection.ts';
import { storeDeclarations } from './declarations.ts';
import type { Declarations } from './declarations.ts';
import { storeDestructions } from './destructions.ts';
import type { Destructions } from './destructions.ts';
import { storeEncryption, type EncryptionRecords } from './encryption.ts';
import { storeEpochs } from './epoch.ts';
import type { Epochs } from './epoch.ts';
import { storeHistory } from './history.ts';
import type { History } from './history.ts';
import { storeHostKeys } from './host-keys.ts';
import type { HostKeys } from './host-keys.ts';
import { storeLeases } from './leases.ts';
import type { Leases } from './leases.ts';
import { storeIssued } from './issued.ts';
import type { Issued } from './issued.ts';
import { storeLoginKeys } from './login-keys.ts';
import type { LoginKeys } from './login-keys.ts';
import { storePauses } from './pause.ts';
import type { Pauses } from './pause.ts';
import { storeRecords } from './records.ts';
import type { Records } from './records.ts';
import { storeResources } from './resources.ts';
import type { Resources } from './resources.ts';
import { storeRotations } from './rotations.ts';
import type { Rotations } from './rotations.ts';
import { watchIntent } from './watch.ts';
import type { WatchIntent } from './watch.ts';

/**
 * The management etcd: what people want and what we know, per cluster below `cke/<cluster>/`. Every call ends within its deadline, or
 * throws CkeError StoreUnavailable, which names the endpoints.
 */
export interface Store {
  declarations: Declarations;
  destructions: Destructions;
  epochs: Epochs;
  pauses: Pauses;
  leases: Leases;
  records: Records;
  resources: Resources;
  rotations: Rotations;
  encryption: EncryptionRecords;
  backups: BackupRecords;
  history: History;
  issued: Issued;
  loginKeys: LoginKeys;
  approvals: Approvals;
  hostKeys: HostKeys;
  /** Resolves when the signal is aborted; never throws. */
  watch(watch: WatchIntent): Promise<void>;
  close(): void;
}

/** Opens no connection before the first call. */
export function createStore(options: StoreOptions & { now?: () => Date }): Store {
  const { now = () => new Date() } = options;
  const connection = connectStore(options);
  const epochs = storeEpochs(connection);
  return {
    declarations: storeDeclarations(connection, now),
    destructions: storeDestructions(connection, now),
    epochs,
    pauses: storePauses(connection, now),
    leases: storeLeases(connection, now),
    records: storeRecords(connection, epochs),
    resources: storeResources(connection, epochs),
    rotations: storeRotations(connection),
    encryption: storeEncryption(connection),
    backups: storeBackups(connection),
    history: storeHistory(connection),
    issued: storeIssued(connection),
    loginKeys: storeLoginKeys(connection),
    approvals: storeApprovals(connection, epochs, now),
    hostKeys: storeHostKeys(connection, now),
    watch: (watch) => watchIntent(connection, watch),
    close: () => connection.close(),
  };
}
