import { Agent, request as httpsRequest } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** What the request-promise interface of node-vault hands over. */
export interface TransportRequest {
  method: string;
  uri: string;
  headers?: Record<string, string>;
  json?: unknown;
}

export interface TransportAnswer {
  statusCode: number;
  /** Parsed JSON; undefined when there is none. */
  body: unknown;
  request: { path: string };
}

/** How far a request got: nothing was sent while `connecting`; afterwards the server may have carried it out. */
export type Phase = 'connecting' | 'waiting';

/** No answer came. Carries neither the request nor the underlying error: both hold the token. */
export class TransportFailure extends Error {
  readonly phase: Phase;
  /** `ECONNREFUSED`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`, … or `deadline`. */
  readonly reason: string;

  constructor(phase: Phase, reason: string) {
    super(`no answer from Vault while ${phase}: ${reason}`);
    this.name = 'TransportFailure';
    this.phase = phase;
    this.reason = reason;
  }
}

export interface TransportOptions {
  /** PEM of the only CA that is trusted; the system's CAs when absent. */
  ca?: string;
  /** Milliseconds for one whole request. */
  deadline: number;
  /** Milliseconds for TCP and TLS of a new connection. */
  connectDeadline: number;
}

const answerLimit = 4 * 1024 * 1024;
const staleConnection = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Speaks HTTPS for node-vault: a redirect is an answer like any other, there is no proxy, no environment variable has an
 * influence (an own agent, certificates always checked), and each request ends by its deadline (reliability §6.4).
 */
export function createTransport({ ca, deadline, connectDeadline }: TransportOptions) {
  const tls = { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) } as const;
  const kept = new Agent({ ...tls, keepAlive: true, maxSockets: 16, timeout: 60_000 });
  const fresh = new Agent({ ...tls, keepAlive: false });
  return async (asked: TransportRequest): Promise<TransportAnswer> => {
    try {
      return await exchange(asked, { agent: kept, deadline, connectDeadline });
    } catch (error) {
      // The server had closed an idle connection: the request found nobody at the other end.
      if (error instanceof StaleConnection) return await exchange(asked, { agent: fresh, deadline, connectDeadline });
      throw error;
    }
  };
}

class StaleConnection extends TransportFailure {}

interface Exchange {
  agent: Agent;
  deadline: number;
  connectDeadline: number;
}

function exchange(asked: TransportRequest, { agent, deadline, connectDeadline }: Exchange): Promise<TransportAnswer> {
  const url = new URL(asked.uri);
  const payload = asked.json === undefined || asked.json === true ? undefined : Buffer.from(JSON.stringify(asked.json));
  const headers = { ...asked.headers, 'X-Vault-Request': 'true', ...bodyHeaders(payload) };
  return new Promise((resolve, reject) => {
    let phase: Phase = 'connecting';
    const timers: NodeJS.Timeout[] = [];
    const request = httpsRequest(url, { method: asked.method, headers, agent });
    const settle = () => timers.forEach((timer) => clearTimeout(timer));
    const fail = (reason: string) => {
      settle();
      reject(failureOf(request, phase, reason));
      request.destroy();
    };
    timers.push(setTimeout(() => fail('deadline'), deadline));
    onConnected(request, {
      connecting: () => timers.push(setTimeout(() => phase === 'connecting' && fail('deadline'), connectDeadline)),
      connected: () => (phase = 'waiting'),
    });
    request.on('error', (error) => fail(codeOf(error)));
    request.on('response', (response) => {
      readAll(response).then(
        (text) => {
          settle();
          resolve({ statusCode: statusOf(response), body: parse(text), request: { path: url.pathname } });
        },
        (error: unknown) => fail(codeOf(error)),
      );
    });
    request.end(payload);
  });
}

function bodyHeaders(payload: Buffer | undefined): Record<string, string> {
  return payload === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(payload.length) };
}

function onConnected(request: ClientRequest, on: { connecting: () => void; connected: () => void }): void {
  request.on('socket', (socket) => {
    if (request.reusedSocket) return on.connected();
    on.connecting();
    socket.once('secureConnect', on.connected);
  });
}

function failureOf(request: ClientRequest, phase: Phase, reason: string): TransportFailure {
  const stale = request.reusedSocket && staleConnection.has(reason);
  return stale ? new StaleConnection('connecting', reason) : new TransportFailure(phase, reason);
}

/** 202 is what Vault says to what it goes on with in the background; node-vault takes it for an error. */
function statusOf({ statusCode = 0 }: IncomingMessage): number {
  return statusCode === 202 ? 200 : statusCode;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerLimit) throw new TransportFailure('waiting', 'answer too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof TransportFailure) return error.reason;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
