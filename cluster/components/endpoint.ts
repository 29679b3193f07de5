/** `address:port`, with an IPv6 address in brackets. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address that listens on all interfaces, in the family of `address`. */
export function anyAddress(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}

/** Ports of the components: CKE's. The two proxies listen on 127.0.0.1 only. */
export const ports = {
  rivers: 16443,
  etcdRivers: 12379,
  etcdClient: 2379,
  etcdPeer: 2380,
  apiServer: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  kubeletHealth: 10248,
  proxyHealth: 10249,
  /** All addresses: its image can't be told otherwise. */
  kmsHealth: 10270,
} as const;

/** How an API server is asked whether it is ready. Not counted is whether its KMS plugin reaches Vault: it reads with the keys that it knows. */
export const readyPath = '/readyz?exclude=kms-providers';

/** Where programs of a node reach the API: through rivers. */
export const riversUrl = `https://127.0.0.1:${ports.rivers}`;
