import { Agent, request as httpsRequest } from 'node:https';
import {
  ResponseContext,
  SelfDecodingBody,
  type PromiseHttpLibrary,
  type RequestContext,
} from '@kubernetes/client-node';
import type { ClientCredentials } from '../credentials.ts';

/** An API server answers a simple request in milliseconds; after this another one is asked. */
const deadlineMilliseconds = 5_000;

/** Larger than any list of a thousand nodes; an answer beyond it is not what we asked for. */
const largestAnswer = 256 * 1024 * 1024;

/**
 * HTTP for the Kubernetes client: connections are kept, every request has a deadline, no redirect is followed. The library's
 * own opens a connection for each request.
 */
export function createTransport({ ca, certificate, privateKey }: ClientCredentials): PromiseHttpLibrary {
  const agent = new Agent({
    ca,
    cert: certificate,
    key: privateKey,
    minVersion: 'TLSv1.2',
    keepAlive: true,
    keepAliveMsecs: 10_000,
    maxSockets: 16,
    timeout: 60_000,
  });
  return { send: (request) => send(agent, request) };
}

function send(agent: Agent, request: RequestContext): Promise<ResponseContext> {
  const body = request.getBody();
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      request.getUrl(),
      {
        agent,
        method: request.getHttpMethod(),
        headers: { 'User-Agent': 'cke', ...lengthOf(body), ...request.getHeaders() },
        signal: AbortSignal.timeout(deadlineMilliseconds),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > largestAnswer) response.destroy(new Error(`the answer exceeds ${largestAnswer} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const content = new SelfDecodingBody(Promise.resolve(Buffer.concat(chunks)));
          resolve(new ResponseContext(response.statusCode ?? 0, textHeaders(response.headers), content));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(typeof body === 'string' ? body : undefined);
  });
}

/** Without it the body of a DELETE would be read as the next request. */
function lengthOf(body: unknown): Record<string, string> {
  return typeof body === 'string' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {};
}

function textHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
