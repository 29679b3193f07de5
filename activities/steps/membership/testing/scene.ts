import { converged, declare } from '../../../../cluster/decide/testing/fleet.ts';
import type { ObservedEtcd } from '../../../../cluster/etcd/quorum.ts';
import type { EtcdRecord, Membership, ObservedNode } from '../../../../cluster/observation.ts';
import type { EtcdPorts } from '../../etcd-access.ts';

export interface Scene {
  etcd: ObservedEtcd;
  /** On record, by node. */
  memberships: Record<string, Membership>;
  /** Of etcd, on whatever node; none unless told. */
  container?: 'running' | 'exited';
  /** What the container was made from, as its label tells. */
  spec?: string;
  directory?: ObservedNode['etcdDirectory'];
}

const { declaration } = converged(declare());
export const mandate = { cluster: declaration.name, revision: 1, epoch: 7 };

/** What etcd's activities act on, and the effects that they have: cp-1 to cp-3 are declared, other names are not. */
export function sceneWith({ etcd, memberships, container, spec = '', directory = 'intact' }: Scene) {
  const happened: string[] = [];
  const note = (name: string) => async (what?: unknown) => {
    happened.push(`${name} ${JSON.stringify(what)}`);
  };
  let record: EtcdRecord = { state: 'done', token: 't', memberships };
  const labels = { 'cke.cluster': declaration.name, 'cke.epoch': '1', 'cke.spec': spec };
  const docker = {
    inspect: async () => container && { id: 'etcd-id', name: 'etcd', state: container, labels },
    start: note('start'),
    stop: note('stop'),
    remove: note('remove'),
  };
  const files = {
    directoryState: async () => directory,
    renamePath: note('rename'),
    removeTree: note('remove tree'),
  };
  const at = async ({ node }: { node: string }) => {
    const declared = declaration.nodes.find(({ name }) => name === node);
    return { declaration, docker, files, node: declared ?? { name: node, address: '10.0.0.99' } };
  };
  const ports = {
    places: { at, anywhere: at, ofMember: at, departed: at },
    fence: { mayAct: async () => undefined },
    declarations: { get: async () => ({ declaration, revision: 1 }) },
    credentials: { etcd: async () => ({}) },
    store: {
      records: {
        all: async () => ({ ...converged(declaration).observation.records, etcd: record }),
        getEtcdRecord: async () => ({ record, version: '1' }),
        putEtcdRecord: async (_cluster: string, changed: EtcdRecord) => {
          record = changed;
          happened.push('record');
        },
      },
      destructions: { get: async () => ({ epoch: mandate.epoch }) },
    },
    etcd: {
      observe: async () => etcd,
      removeLearner: note('remove learner'),
      removeHealthyVoter: note('remove voter'),
      removeFailedVoter: note('remove failed voter'),
    },
    pause: async () => undefined,
  } as unknown as EtcdPorts;
  return { ports, happened };
}
