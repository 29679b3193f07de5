import { setTimeout as sleep } from 'node:timers/promises';
import { controlPlanes } from '../../cluster/declaration/nodes.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { EtcdMember, EtcdObservation } from '../../cluster/observation.ts';
import type { NodeMandate } from '../contracts/mandates.ts';
import { access, type EtcdPorts } from './etcd-access.ts';

const pollMilliseconds = 150;
const patienceMilliseconds = 45_000;

/** The members of a first start, once all of them are in sync. @throws CkeError NotHealthy when they are not in time */
export async function awaitAllSynced(ports: EtcdPorts, declaration: Declaration): Promise<EtcdMember[]> {
  const masters = controlPlanes(declaration);
  return until(
    async () => {
      const seen = await ports.etcd.observe(await access(ports, declaration));
      const synced = syncedMembers(seen);
      return synced.length === masters.length ? synced : sayEtcd(seen, masters.length);
    },
    (because) =>
      notSynced(`etcd was started on ${masters.map(({ name }) => name).join(', ')}, and is not in sync`, because),
  );
}

/** @throws CkeError NotHealthy when the member is not in sync in time */
export async function awaitMemberSynced(ports: EtcdPorts, mandate: NodeMandate): Promise<void> {
  const { declaration } = await ports.declarations.get(mandate.cluster, mandate.revision);
  const reach = await access(ports, declaration);
  await until(
    async () => {
      const seen = await ports.etcd.observe(reach);
      const mine = syncedMembers(seen).find(({ node }) => node === mandate.node);
      return mine ? [mine] : sayEtcd(seen, reach.nodes.length);
    },
    (because) =>
      notSynced(`the etcd member on ${mandate.node} was restarted, and is not in sync`, because, mandate.node),
  );
}

function syncedMembers(seen: EtcdObservation): EtcdMember[] {
  return seen.state === 'observed' ? seen.members.filter(({ sync }) => sync === 'synced') : [];
}

function sayEtcd(seen: EtcdObservation, wanted: number): string {
  if (seen.state === 'unobservable') return seen.because;
  const sick = seen.members.filter(({ sync }) => sync !== 'synced').map(({ node, because }) => `${node}: ${because}`);
  return `${seen.members.length - sick.length} of ${wanted} members are in sync; ${sick.join('; ')}`;
}

/** Asks again until it gets something else than a reason; throws what `fail` makes of the last reason. */
async function until<T extends object>(
  ask: () => Promise<T | string>,
  fail: (because: string) => CkeError,
): Promise<T> {
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    const answer = await ask();
    if (typeof answer !== 'string') return answer;
    if (Date.now() > deadline) throw fail(answer);
    await sleep(pollMilliseconds);
  }
}

function notSynced(message: string, got: string, node?: string): CkeError {
  return new CkeError({
    code: 'NotHealthy',
    message,
    got,
    ...(node !== undefined && { node }),
    fix: 'docker logs etcd on the nodes named above',
    remedy: 'never',
  });
}
