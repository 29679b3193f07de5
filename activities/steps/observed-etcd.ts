import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import type { Verdict } from '../../cluster/etcd/verdict.ts';
import { access, type EtcdPorts } from './etcd.ts';

/** Twice as long as members have to be steady for (I-04), looked at once a second. */
const mostLooks = 20;

interface Waiting {
  observe: () => Promise<ObservedEtcd>;
  may: (etcd: ObservedEtcd) => Verdict;
  /** Lets so many seconds pass. */
  pause: (seconds: number) => Promise<void>;
}

/**
 * Fresh facts about etcd, as soon as a rule allows what is about to be done, or refuses it for another reason than time, or after 20 s.
 * The worker may have started a moment ago, and then remembers no time at all for which members have been steady (I-04, I-07, I-09).
 */
export async function onceTimeAllows({ observe, may, pause }: Waiting): Promise<ObservedEtcd> {
  for (let look = 1; ; look += 1) {
    const etcd = await observe();
    const verdict = may(etcd);
    if (verdict.kind !== 'refused' || verdict.cure !== 'time' || look === mostLooks) return etcd;
    await pause(1);
  }
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
