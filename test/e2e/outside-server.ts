import { once } from 'node:events';
import { createServer as createPlain } from 'node:http';
import type { IncomingMessage, Server as PlainServer, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server, ServerOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { fromJson } from './json.ts';
import { lab } from './story.ts';

/** The machine's own address on the lab's network: what listens there is reached by nodes and pods. */
export const outsideAddress = (): string => lab.node('cp-1').address.replace(/\d+$/u, '1');

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** What a server answers; `body` is the JSON of the request, undefined where there is none. */
export type Answering = (request: IncomingMessage, body: unknown) => Reply;

export interface OutsideServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A server of the test's own beside the cluster, over TLS where it gets a certificate. */
export async function serveOutside(answering: Answering, tls?: ServerOptions): Promise<OutsideServer> {
  const listener = (request: IncomingMessage, response: ServerResponse) => void reply(answering, request, response);
  const server: Server | PlainServer = tls === undefined ? createPlain(listener) : createServer(tls, listener);
  server.listen(0, outsideAddress());
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function reply(answering: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent = await text(request);
  const { status, body } = answering(request, sent === '' ? undefined : fromJson<unknown>(sent));
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
