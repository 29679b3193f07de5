import { CkeError } from '../../cluster/errors.ts';
import { EtcdCallError } from './gateway.ts';

/** Awaits a call to a cluster's etcd, and puts what went wrong into our words. @param act e.g. `add a learner` */
export async function asCkeError<T>(cluster: string, act: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EtcdCallError)) throw error;
    throw etcdError(cluster, act, error);
  }
}

const final: readonly string[] = ['refused', 'stop'];

export function etcdError(cluster: string, act: string, { endpoint, failure }: EtcdCallError): CkeError {
  const refused = failure.kind === 'refused' || failure.kind === 'wait' || failure.kind === 'stop';
  return new CkeError({
    code: refused ? 'EtcdRefused' : 'EtcdUnavailable',
    message: `etcd of ${cluster} (${endpoint}) did not ${act}`,
    got: failure.because,
    ...(cures[failure.kind] !== undefined && { fix: cures[failure.kind] }),
    remedy: final.includes(failure.kind) ? 'never' : 'retry',
  });
}

const cures: Partial<Record<EtcdCallError['failure']['kind'], string>> = {
  stop: 'its data are corrupt or belong to another cluster: compare the members with etcdctl endpoint hashkv before anything else',
  'no-space': 'etcdctl compact and etcdctl defrag, one member at a time, then etcdctl alarm disarm',
};

export function unavailable(cluster: string, because: string): CkeError {
  return new CkeError({
    code: 'EtcdUnavailable',
    message: `etcd of ${cluster} cannot be used`,
    got: because,
    want: 'a majority of its members in sync',
    fix: `cke-client status ${cluster}`,
    remedy: 'retry',
  });
}
