import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';

/** As Temporal's protocol for codec servers has it: bytes in base64. */
const bytes = z.base64().transform((text): Uint8Array => Buffer.from(text, 'base64'));
const request = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), bytes).default({}), data: bytes.default(Buffer.alloc(0)) }))
    .max(10_000),
});

const largestRequest = 16 * 1024 * 1024;

export interface CodecServerOptions {
  codec: PayloadCodec;
  /** `host:port`. It decrypts whatever it is given: nobody but this machine may reach it. */
  address: string;
  /** Address of the Web UI: the only site whose pages a browser lets ask. */
  ui?: string | undefined;
}

/**
 * `POST /decode` and `/encode` for the Web UI and the temporal CLI. It is a decryption oracle, so it answers only requests that were sent
 * to a name of this machine's loopback (a foreign site cannot rebind one), from pages of the Web UI or from programs, which name no page.
 */
export function serveCodec({ codec, address, ui }: CodecServerOptions): Server {
  const origins = originsOf(ui);
  const server = createServer((asked, answer) => {
    respond({ codec, origins, asked, answer }).catch(() => answer.writeHead(500).end());
  });
  const [, host = '127.0.0.1', port = '0'] = /^(.*):(\d+)$/.exec(address) ?? [];
  return server.listen(Number(port), host.replace(/^\[|\]$/g, ''));
}

interface Exchange {
  codec: PayloadCodec;
  origins: ReadonlySet<string>;
  asked: IncomingMessage;
  answer: ServerResponse;
}

async function respond({ codec, origins, asked, answer }: Exchange): Promise<void> {
  const { origin, host = '' } = asked.headers;
  if (!isLoopback(host) || (origin !== undefined && !origins.has(origin))) return void answer.writeHead(403).end();
  if (origin !== undefined) allow(answer, origin, asked);
  if (asked.method === 'OPTIONS') return void answer.writeHead(204).end();
  const convert = { '/decode': decodeEach(codec), '/encode': codec.encode.bind(codec) }[pathOf(asked)];
  if (asked.method !== 'POST' || convert === undefined) return void answer.writeHead(404).end();
  const parsed = request.safeParse(await bodyOf(asked));
  if (!parsed.success) return void answer.writeHead(400).end();
  const payloads = await convert(parsed.data.payloads);
  answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ payloads: payloads.map(asJson) }));
}

/** What cannot be decrypted is shown as it is, and hides nothing else. */
function decodeEach(codec: PayloadCodec): PayloadCodec['decode'] {
  return (payloads) =>
    Promise.all(
      payloads.map((one) =>
        codec.decode([one]).then(
          ([clear = one]) => clear,
          () => one,
        ),
      ),
    );
}

function allow(answer: ServerResponse, origin: string, { headers }: IncomingMessage): void {
  answer.setHeader('access-control-allow-origin', origin);
  answer.setHeader('vary', 'origin');
  answer.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  answer.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? 'content-type');
  answer.setHeader('access-control-allow-credentials', 'true');
}

/** The site of the Web UI, under each name that a browser on this machine may know it by. */
function originsOf(ui: string | undefined): ReadonlySet<string> {
  if (ui === undefined) return new Set();
  const { origin, hostname } = new URL(ui);
  if (!isLoopback(hostname)) return new Set([origin]);
  return new Set(['localhost', '127.0.0.1', '[::1]'].map((name) => origin.replace(hostname, name)));
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? '';
}

async function bodyOf(asked: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of asked as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestRequest) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

function asJson({ metadata, data }: Payload): object {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(entries), data: base64(data ?? Buffer.alloc(0)) };
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}
