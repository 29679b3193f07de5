import { etcdNodes } from '../../cluster/decide/etcd-nodes.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import type { Verdict } from '../../cluster/etcd/verdict.ts';
import type { OwnCredentials } from '../credentials.ts';
import type { AcceptedDeclarations } from '../declarations.ts';
import type { EtcdClusters } from '../etcd/clusters.ts';
import { knownMembersOf } from '../etcd/observe.ts';
import type { Fence } from '../fence.ts';
import type { Store } from '../store/store.ts';
import type { Places } from './places.ts';

/** Twice as long as members have to be steady for (I-04), looked at once a second. */
const mostLooks = 20;
const longestMilliseconds = 30_000;

export interface EtcdPorts {
  places: Places;
  fence: Fence;
  declarations: AcceptedDeclarations;
  store: Pick<Store, 'records'>;
  etcd: EtcdClusters;
  credentials: OwnCredentials;
  /** Lets so many seconds pass. */
  pause: (seconds: number) => Promise<void>;
}

/** How a cluster's etcd is reached: also the members on nodes that are no declared control planes any more. */
export async function access(
  { credentials, store }: Pick<EtcdPorts, 'credentials' | 'store'>,
  declaration: Declaration,
) {
  const records = await store.records.all(declaration.name);
  return {
    cluster: declaration.name,
    nodes: etcdNodes(declaration, records),
    credentials: await credentials.etcd(declaration),
    knownMembers: knownMembersOf(records.etcd),
  };
}

/** @throws CkeError EtcdUnavailable */
export async function observedEtcd(
  ports: Pick<EtcdPorts, 'credentials' | 'store' | 'etcd'>,
  declaration: Declaration,
): Promise<ObservedEtcd> {
  const etcd = await ports.etcd.observe(await access(ports, declaration));
  if (etcd.state === 'observed') return etcd;
  throw new CkeError({
    code: 'EtcdUnavailable',
    message: `etcd of ${declaration.name} can't be observed: ${etcd.because}`,
    remedy: 'retry',
  });
}

interface Waiting {
  observe: () => Promise<ObservedEtcd>;
  /** The rule of what is about to be done. */
  may: (etcd: ObservedEtcd) => Verdict;
  /** Lets so many seconds pass. */
  pause: (seconds: number) => Promise<void>;
}

/**
 * Fresh facts about etcd, as soon as a rule allows what is about to be done, or refuses it for another reason than time, or after 20 s.
 * The plan found it allowed a moment ago: a member may have been slow to answer since, or the worker has just started, and remembers no
 * time at all for which members have been steady (I-04, I-07, I-09).
 */
export async function onceTimeAllows({ observe, may, pause }: Waiting): Promise<ObservedEtcd> {
  const begun = performance.now();
  for (let look = 1; ; look += 1) {
    const etcd = await observe();
    const isLast = look === mostLooks || performance.now() - begun > longestMilliseconds;
    if (isLast || !mayPass(may(etcd))) return etcd;
    await pause(1);
  }
}

const mayPass = (verdict: Verdict): boolean =>
  verdict.kind === 'unknown' || (verdict.kind === 'refused' && verdict.cure === 'time');

interface Steady extends Pick<Waiting, 'may'> {
  ports: EtcdPorts;
  declaration: Declaration;
}

/** @throws CkeError EtcdUnavailable */
export function steadyEtcd({ ports, declaration, may }: Steady): Promise<ObservedEtcd> {
  return onceTimeAllows({ observe: () => observedEtcd(ports, declaration), may, pause: ports.pause });
}
