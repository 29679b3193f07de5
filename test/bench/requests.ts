import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Requests that this process sent meanwhile, by protocol: Docker and Vault speak HTTP/1, etcd and Kubernetes gRPC or HTTP/1. */
export interface Requests {
  http: number;
  /** HTTP/2 streams: calls by gRPC. */
  grpc: number;
  fetch: number;
}

const channels: [keyof Requests, string][] = [
  ['http', 'http.client.request.start'],
  ['grpc', 'http2.client.stream.created'],
  ['fetch', 'undici:request:create'],
];

/** Counts at Node's own diagnostics channels, so that nothing in the code has to know. */
export async function countRequests(work: () => Promise<void>): Promise<Requests> {
  const counted: Requests = { http: 0, grpc: 0, fetch: 0 };
  const listeners = channels.map(([kind, channel]) => ({ channel, listen: () => void (counted[kind] += 1) }));
  for (const { channel, listen } of listeners) subscribe(channel, listen);
  try {
    await work();
  } finally {
    for (const { channel, listen } of listeners) unsubscribe(channel, listen);
  }
  return counted;
}
