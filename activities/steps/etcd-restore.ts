import { etcdRestoreName, etcdRestoreSpec, restorePaths } from '../../cluster/components/etcd-restore.ts';
import { etcdDataDirectory } from '../../cluster/components/etcd.ts';
import { etcdMembershipOf } from '../../cluster/decide/etcd-membership.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { EtcdRestore } from '../../cluster/observation.ts';
import { openSnapshotFile, type SnapshotFile } from '../backups/snapshot-file.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import type { Place } from './places.ts';
import { demandOlder, isWanted } from './containers.ts';
import type { EtcdPorts } from './etcd-access.ts';
import { staleBootstrap } from './etcd-bootstrap.ts';
import { stopAndRemove } from './stop-and-remove.ts';

/** Nothing writes to the cluster of before any more: what it would still acknowledge would be lost. */
export async function stopForRestore({ places, store, fence }: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const place = await places.at(mandate);
  await restoreOf(store, mandate);
  for (const component of ['kube-apiserver', 'etcd'] as const) {
    const standing = await place.docker.inspect(component);
    if (standing === undefined) continue;
    const wanted = await place.wanted(component);
    if (component === 'etcd' && isWanted(wanted, standing)) continue;
    demandOlder({ ...mandate, component }, standing);
    const { stop_seconds: seconds } = wanted.container;
    await stopAndRemove({ docker: place.docker, fence, mandate, containerId: standing.id, seconds });
  }
}

/** The directory appears under its name when it is whole: an attempt that was cut off begins again, in another one's place. */
export async function restoreDirectory(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { places, store, fence } = ports;
  const place = await places.at(mandate);
  const { declaration, node, files } = place;
  const { restore, records } = await restoreOf(store, mandate);
  const membership = etcdMembershipOf({ declaration, observation: { records }, node });
  if (membership?.start !== 'first') throw staleBootstrap(mandate.node);
  const directory = etcdDataDirectory(declaration, membership.directory);
  const { volume, snapshot: copy, unfinished } = restorePaths(declaration, membership.directory);
  if ((await files.directoryState(directory)) === 'intact') {
    await fence.mayAct(mandate);
    await files.removeTree(copy);
    return;
  }
  const snapshot = await sameSnapshot(restore);
  await untilNobodyRestores(ports, place, mandate);
  await fence.mayAct(mandate);
  await files.makeDirectories([{ path: volume, mode: '0700' }]);
  await files.removeTree(unfinished);
  await files.placeFile({ from: snapshot.path, bytes: snapshot.bytes, to: copy });
  await unpack(ports, place, { mandate, spec: etcdRestoreSpec({ declaration, node, membership }) });
  await fence.mayAct(mandate);
  await files.renamePath({ from: unfinished, to: directory });
  if ((await files.directoryState(directory)) !== 'intact') throw notWhole(mandate.node, directory);
  await files.removeTree(copy);
}

/** @throws CkeError StalePlan unless a restore is under way */
async function restoreOf(store: EtcdPorts['store'], { cluster, node }: NodeMandate) {
  const records = await store.records.all(cluster);
  const { etcd } = records;
  if (etcd.state !== 'started' || etcd.restore === undefined) throw staleBootstrap(node);
  return { restore: etcd.restore, records };
}

/** All members of a cluster begin with the same data. @throws CkeError BackupFailed */
async function sameSnapshot({ place, digest }: EtcdRestore): Promise<SnapshotFile> {
  const snapshot = await openSnapshotFile(place);
  if (snapshot.digest === digest) return snapshot;
  throw new CkeError({
    code: 'BackupFailed',
    message: `${place} is not the file any more that the restore began with`,
    got: `SHA-256 ${snapshot.digest.slice(0, 16)}…`,
    want: `SHA-256 ${digest.slice(0, 16)}…`,
    fix: 'put it back, or begin again: cke-client etcd restore',
    remedy: 'never',
  });
}

/** Of a container that somebody has taken away. */
const lost = -1;

interface Unpacking {
  mandate: NodeMandate;
  spec: ReturnType<typeof etcdRestoreSpec>;
}

async function unpack(ports: EtcdPorts, place: Place, { mandate, spec }: Unpacking): Promise<void> {
  const { docker, pull } = place;
  if (!(await docker.hasImage(spec.image))) await pull(spec.image);
  await ports.fence.mayAct(mandate);
  const labels = { 'cke.cluster': mandate.cluster, 'cke.component': etcdRestoreName };
  const { id } = await docker.create({ name: etcdRestoreName, spec, labels });
  await docker.start(id);
  const code = await endOf(ports, place, id);
  const said = code === 0 ? [] : await docker.logs(id, 3);
  await docker.remove(id);
  if (code === 0) return;
  throw new CkeError({
    code: 'BackupFailed',
    message: `etcdutl on ${mandate.node} did not make a data directory of the snapshot: exit code ${code}`,
    node: mandate.node,
    got: said.join(' | ').slice(0, 500),
    remedy: 'retry',
  });
}

/** What an attempt has left behind that was cut off. */
async function untilNobodyRestores(ports: EtcdPorts, place: Place, mandate: NodeMandate): Promise<void> {
  const left = await place.docker.inspect(etcdRestoreName);
  if (left === undefined) return;
  await endOf(ports, place, left.id);
  await ports.fence.mayAct(mandate);
  await place.docker.remove(left.id);
}

/** Exit code of a container that ends by itself. */
async function endOf({ pause }: EtcdPorts, { docker }: Place, id: string): Promise<number> {
  for (;;) {
    const found = await docker.inspect(id);
    if (found === undefined || found.state !== 'running') return found?.exitCode ?? lost;
    await pause(1);
  }
}

/** etcd would found an empty cluster on it. */
function notWhole(node: string, directory: string): CkeError {
  return new CkeError({
    code: 'BackupFailed',
    message: `${directory} on ${node} has no data after the restore: another attempt was in the way`,
    node,
    remedy: 'retry',
  });
}
