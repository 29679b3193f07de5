import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { cluster, lab, run } from './story.ts';

/** What a kubeconfig holds, PEM. */
export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Kubeconfig {
  clusters: { cluster: { 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

const clear = (data = ''): string => Buffer.from(data, 'base64').toString();

/** A fresh administrator's certificate, and the CAs that cke-client says are to be trusted now. */
export async function newIdentity(): Promise<Identity> {
  const { clusters, users }: Kubeconfig = parse(await run('cke-client', 'kubeconfig', '--cluster', cluster));
  return {
    ca: clear(clusters[0]?.cluster['certificate-authority-data']),
    cert: clear(users[0]?.user['client-certificate-data']),
    key: clear(users[0]?.user['client-key-data']),
  };
}

interface Sent {
  method: 'GET' | 'POST';
  body?: string;
}

/** The status of one request with these certificates; a sentence when it does not come to an answer. */
export function ask(
  url: string,
  identity: Identity,
  { method, body }: Sent = { method: 'GET' },
): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(url, { ...identity, method, agent: false, timeout: 3_000 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', (error) => resolve(error.message));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s')));
    asked.on('error', (error) => resolve(error.message));
    asked.end(body);
  });
}

export interface ApiClient {
  /** Requests that no retry saved, and what they met. */
  readonly failed: string[];
  /** Ends it; returns how many requests were answered. */
  stop(): Promise<number>;
}

/** How often a request is tried before it counts as failed, half a second apart. */
const tries = 40;

/**
 * A client as people write them: verifies the API server, shows a certificate, retries, and reads its kubeconfig anew when it is not
 * believed or does not believe.
 */
export function retryingApiClient(names: readonly string[]): ApiClient {
  const urls = names.map((name) => `https://${lab.node(name).address}:6443/api/v1/namespaces/default`);
  const failed: string[] = [];
  const end = new AbortController();
  let answered = 0;
  const once = async (identity: Identity): Promise<Identity> => {
    const met: string[] = [];
    let known = identity;
    for (let attempt = 0; attempt < tries && !end.signal.aborted; attempt += 1) {
      const answer = await ask(urls[(answered + attempt) % urls.length] ?? '', known);
      if (answer === 200) {
        answered += 1;
        return known;
      }
      met.push(String(answer));
      if (answer === 401 || /certificate|issuer|signed/iu.test(String(answer))) known = await newIdentity();
      await sleep(500);
    }
    if (!end.signal.aborted) failed.push([...new Set(met)].join(', '));
    return known;
  };
  const going = (async () => {
    for (let identity = await newIdentity(); !end.signal.aborted;) {
      identity = await once(identity);
      await sleep(200);
    }
  })();
  return {
    failed,
    async stop() {
      end.abort();
      await going;
      return answered;
    },
  };
}
