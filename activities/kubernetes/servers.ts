import {
  CoreV1Api,
  createConfiguration,
  KubernetesObjectApi,
  ServerConfiguration,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import { endpoint, ports } from '../../cluster/components/endpoint.ts';
import type { ClientCredentials } from '../credentials.ts';
import { classifyKubernetesError, kubernetesError, type KubernetesFailure } from './failure.ts';
import { discoveryOf, type Discovery } from './discovery.ts';
import { hedge } from './hedge.ts';
import { requestsTo, type SendRequest } from './request.ts';
import { createTransport } from './transport.ts';

/** API servers that may be asked, and as whom. Addresses are those of control planes whose API server is healthy. */
export interface ApiServers {
  cluster: string;
  addresses: readonly string[];
  credentials: ClientCredentials;
}

/** One API server, spoken to directly and not through a proxy on a node. */
export interface ApiServer {
  address: string;
  core: CoreV1Api;
  objects: KubernetesObjectApi;
  send: SendRequest;
  discover: Discovery;
}

export interface ServerPool {
  /**
   * Makes a call at the server that answered last, and at the next one when it does not. The call must bear being repeated.
   * @throws CkeError KubernetesUnavailable when none answers, KubernetesRefused when one says no
   */
  call<T>(servers: ApiServers, what: string, call: (server: ApiServer) => Promise<T>): Promise<T>;
  /** The same for what only reads: a server that is silent is not waited for when another one answers. */
  read<T>(servers: ApiServers, what: string, read: (server: ApiServer) => Promise<T>): Promise<T>;
}

const nobodyKnown: KubernetesFailure = { kind: 'unavailable', because: 'no API server is known', remedy: 'retry' };

/** An API server that is well answers a look at the cluster in less. */
const readPatience = 700;

/** Keeps one client per API server, for as long as the credentials are the same. */
export function createServerPool(): ServerPool {
  const known = new Map<string, { certificate: string; server: ApiServer }>();
  const preferred = new Map<string, string>();

  function serverAt({ cluster, credentials }: ApiServers, address: string): ApiServer {
    const key = `${cluster} ${address}`;
    const entry = known.get(key);
    if (entry?.certificate === credentials.certificate) return entry.server;
    const server = connect(address, credentials);
    known.set(key, { certificate: credentials.certificate, server });
    return server;
  }

  /** The one that answered last comes first. */
  function inOrder({ cluster, addresses }: ApiServers): string[] {
    const first = preferred.get(cluster);
    return [...addresses].sort((a, b) => Number(b === first) - Number(a === first));
  }

  return {
    async read(servers, what, read) {
      const ask = async (address: string) => {
        const result = await read(serverAt(servers, address));
        preferred.set(servers.cluster, address);
        return result;
      };
      if (servers.addresses.length === 0) throw kubernetesError(what, nobodyKnown);
      const isAnswer = (error: unknown) => classifyKubernetesError(error).kind !== 'unavailable';
      try {
        return await hedge({ servers: inOrder(servers), patience: readPatience, ask, isAnswer });
      } catch (error) {
        throw kubernetesError(what, classifyKubernetesError(error));
      }
    },
    async call(servers, what, call) {
      let failure = nobodyKnown;
      for (const address of inOrder(servers)) {
        try {
          const result = await call(serverAt(servers, address));
          preferred.set(servers.cluster, address);
          return result;
        } catch (error) {
          const seen = classifyKubernetesError(error);
          failure = { ...seen, because: `${address}: ${seen.because}` };
          if (seen.kind !== 'unavailable') break;
        }
      }
      throw kubernetesError(what, failure);
    },
  };
}

function connect(address: string, credentials: ClientCredentials): ApiServer {
  const url = `https://${endpoint(address, ports.apiServer)}`;
  const transport = createTransport(credentials);
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(url, {}),
    httpApi: wrapHttpLibrary(transport),
  });
  const send = requestsTo(url, transport);
  return {
    address,
    core: new CoreV1Api(configuration),
    objects: new KubernetesObjectApi(configuration),
    send,
    discover: discoveryOf(send),
  };
}
