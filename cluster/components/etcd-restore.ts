import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { etcdVolume, initialCluster, peerUrl, type EtcdMembershipSpec } from './etcd.ts';
import type { ContainerSpec } from './spec.ts';

/** Name of the container that makes a data directory of a snapshot; it is removed when it has ended. */
export const etcdRestoreName = 'cke-etcd-restore';

interface RestoreInput {
  declaration: Declaration;
  node: NodeDeclaration;
  membership: Extract<EtcdMembershipSpec, { start: 'first' }>;
}

/** Paths of a restore on the node: the snapshot, and the directory that is renamed when it is whole (W-09). */
export function restorePaths(declaration: Pick<Declaration, 'options'>, directory: string) {
  const volume = etcdVolume(declaration);
  return { volume, snapshot: `${volume}/${directory}.db`, unfinished: `${volume}/${directory}.unfinished` };
}

/**
 * Who has watched the cluster of before knows revisions that the snapshot has not reached: they are jumped over and called compacted,
 * so that caches are filled anew.
 */
const pastAllKnown = ['--bump-revision=1000000000', '--mark-compacted'];

/** Makes a data directory of a snapshot, for one member of a new cluster: `etcdutl` of the image that etcd runs from. */
export function etcdRestoreSpec({ declaration, node, membership }: RestoreInput): ContainerSpec {
  const { volume, snapshot, unfinished } = restorePaths(declaration, membership.directory);
  return {
    image: declaration.images.etcd,
    command: [
      'etcdutl',
      'snapshot',
      'restore',
      snapshot,
      `--data-dir=${unfinished}`,
      `--name=${node.address}`,
      `--initial-cluster=${initialCluster(membership.members)}`,
      `--initial-cluster-token=${membership.token}`,
      `--initial-advertise-peer-urls=${peerUrl(node.address)}`,
      ...pastAllKnown,
    ],
    env: {},
    mounts: [{ source: volume, destination: volume, access: 'rw', source_kind: 'required' }],
    tmpfs: [],
    privilege: 'none',
    pid: 'container',
    restart: 'no',
    stop_seconds: 10,
  };
}
