import { CkeError } from '../errors.ts';

/** An application's own access to the cluster's etcd: it may read and write the keys below a prefix. */
export interface EtcdUser {
  /** The common name of its certificate. */
  user: string;
  role: string;
  prefix: string;
}

/** Where Kubernetes keeps everything. */
const registry = '/registry/';
const ours = ['root', 'kube-apiserver', 'etcd-rivers'];

/** @throws CkeError InvalidRequest for a prefix that would open Kubernetes' keys, or for a role of ours */
export function demandHarmless({ role, prefix }: EtcdUser): void {
  if (prefix === '' || registry.startsWith(prefix) || prefix.startsWith(registry))
    throw refused(
      'the prefix reaches into the keys of Kubernetes',
      prefix,
      'a prefix of the application’s own, e.g. /app/',
    );
  if (ours.includes(role) || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u.test(role))
    throw refused('the role cannot be used', role, `up to 64 letters, digits and . _ -, and not ${ours.join(', ')}`);
}

function refused(sentence: string, got: string, want: string): CkeError {
  return new CkeError({
    code: 'InvalidRequest',
    message: `no etcd user was made: ${sentence}`,
    got: JSON.stringify(got.slice(0, 80)),
    want,
    remedy: 'never',
  });
}
