import { Etcd3 } from 'etcd3';
import type { IOptions } from 'etcd3';

/** PEM texts. The common name of the certificate is the etcd user. */
export interface EtcdCredentials {
  ca: string;
  certificate: string;
  privateKey: string;
}

export interface EtcdClientOptions {
  /** One endpoint, `https://10.0.0.11:2379`: a call to a client goes to that member and nowhere else. */
  endpoint: string;
  credentials: EtcdCredentials;
  /** Deadline of each call that does not bring its own, in milliseconds. */
  timeoutMs: number;
}

type FaultHandling = NonNullable<IOptions['faultHandling']>;
type Policy = NonNullable<FaultHandling['global']>;

const nothingHappens = () => ({ dispose: () => undefined });

/** Each call is sent once. The library's own policies repeat calls that must not be repeated, and block unrelated ones. */
const once: Policy = {
  get _altReturn(): never {
    throw new TypeError('a type for the compiler, never a value');
  },
  onSuccess: nothingHappens,
  onFailure: nothingHappens,
  execute: async (call, signal) => call({ signal: signal ?? new AbortController().signal }),
};

/** Without them a connection to a machine that lost its power looks alive for many minutes. */
const keepalive = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

/** A client of one etcd member: no retries, no circuit breaker, a deadline on every call (reliability appendix A). Close it. */
export function openEtcdClient({ endpoint, credentials, timeoutMs }: EtcdClientOptions): Etcd3 {
  return new Etcd3({
    hosts: endpoint,
    credentials: {
      rootCertificate: Buffer.from(credentials.ca),
      privateKey: Buffer.from(credentials.privateKey),
      certChain: Buffer.from(credentials.certificate),
    },
    grpcOptions: keepalive,
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + timeoutMs }),
    faultHandling: { global: once, host: () => once },
  });
}
