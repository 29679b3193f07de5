import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '../api-client.ts';
import { fromJson } from '../json.ts';

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A bearer token in the place of the administrator's certificate; empty: nobody's. */
  readonly token?: string;
  /** Ends an answer that does not end by itself, such as a watch's. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** An answer that is a refusal, with the words of the API server. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(asked: Asked, { status, text }: Answer) {
    super(`${asked.method ?? 'GET'} ${asked.path} is answered with ${status}: ${wordsOf(text)}`);
    this.status = status;
  }
}

/** One API server, asked as the cluster's administrator over connections that are kept. */
export interface Api {
  /** The answer, whatever it is. */
  ask(asked: Asked): Promise<Answer>;
  /** The JSON of the answer. @throws Refused */
  json<T>(asked: Asked): Promise<T>;
  close(): void;
}

export function openApi(address: string, { ca, cert, key }: Identity): Api {
  const known = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 32 });
  const nobody = new Agent({ ca, keepAlive: true, maxSockets: 8 });
  const ask = (asked: Asked) => send(asked.token === undefined ? known : nobody, `https://${address}:6443`, asked);
  return {
    ask,
    json: async <T>(asked: Asked) => {
      const answer = await ask(asked);
      if (answer.status >= 300) throw new Refused(asked, answer);
      return fromJson<T>(answer.text);
    },
    close: () => {
      known.destroy();
      nobody.destroy();
    },
  };
}

function send(agent: Agent, server: string, asked: Asked): Promise<Answer> {
  const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  const headers = {
    Accept: 'application/json',
    ...(body !== undefined && {
      'Content-Type': asked.contentType ?? 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
    }),
    ...(asked.token !== undefined && asked.token !== '' && { Authorization: `Bearer ${asked.token}` }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const outgoing = request(`${server}${asked.path}`, { agent, method: asked.method ?? 'GET', headers });
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, headers: told } = incoming;
      const done = () => resolve({ status, text: Buffer.concat(chunks).toString(), headers: told });
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', done);
      incoming.on('error', reject);
      asked.signal?.addEventListener('abort', () => {
        done();
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function wordsOf(text: string): string {
  try {
    return fromJson<{ message?: string }>(text).message ?? text;
  } catch {
    return text;
  }
}
