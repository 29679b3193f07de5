import { etcdDataDirectory } from '../../cluster/components/etcd.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { EtcdRecord } from '../../cluster/observation.ts';
import type { Mandate, NodeMandate } from '../contracts/mandates.ts';
import type { EtcdPorts } from './etcd-access.ts';
import { awaitAllSynced } from './etcd-sync.ts';
import { founding } from './membership/first-membership.ts';

export interface BootstrapPorts extends EtcdPorts {
  /** Records with what Secrets are to be encrypted, unless that is on record. */
  recordEncryption(declaration: Declaration): Promise<void>;
}

/** The record comes before the first process (W-04): a bootstrap that was interrupted goes on with the same token. */
export async function recordBootstrap(ports: BootstrapPorts, mandate: Mandate): Promise<void> {
  const { store, fence, declarations } = ports;
  const { record, version } = await store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'never') return;
  const { declaration } = await declarations.get(mandate.cluster, mandate.revision);
  const born: EtcdRecord = { state: 'started', ...founding(declaration) };
  await fence.mayAct(mandate);
  await ports.recordEncryption(declaration);
  await store.records.putEtcdRecord(mandate.cluster, born, { version, epoch: mandate.epoch });
}

export async function createDataDirectory({ places, store, fence }: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration, files } = await places.at(mandate);
  const { record } = await store.records.getEtcdRecord(mandate.cluster);
  const membership = record.state === 'never' ? undefined : record.memberships[mandate.node];
  if (membership?.state !== 'first-start') throw staleBootstrap(mandate.node);
  await fence.mayAct(mandate);
  await files.makeDirectories([{ path: etcdDataDirectory(declaration, membership.directory), mode: '0700' }]);
}

/** All founders are in sync: from now on they are members like any other. */
export async function concludeBootstrap(ports: EtcdPorts, mandate: Mandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const members = await awaitAllSynced(ports, declaration);
  const { record, version } = await ports.store.records.getEtcdRecord(mandate.cluster);
  if (record.state !== 'started') return;
  const memberships = Object.fromEntries(
    Object.entries(record.memberships).map(([name, membership]) => {
      if (membership.state === 'removed') return [name, membership];
      const memberId = members.find(({ node }) => node === name)?.id;
      return [name, { ...membership, state: 'settled' as const, ...(memberId !== undefined && { memberId }) }];
    }),
  );
  await ports.fence.mayAct(mandate);
  const done: EtcdRecord = { ...record, state: 'done', memberships };
  await ports.store.records.putEtcdRecord(mandate.cluster, done, { version, epoch: mandate.epoch });
}

/** What is recorded of a node's member is not what the step was decided on. */
export function staleBootstrap(node: string): CkeError {
  return new CkeError({
    code: 'StalePlan',
    message: `${node} has no etcd member that is to be started`,
    node,
    remedy: 'never',
  });
}
