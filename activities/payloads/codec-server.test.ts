import { once } from 'node:events';
import { request as httpRequest, type Server } from 'node:http';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPayloadCodec } from './codec.ts';
import { serveCodec } from './codec-server.ts';

const key = { id: 'a', secret: Buffer.alloc(32, 'a') };
const codec = createPayloadCodec({
  current: async () => key,
  named: async (id) => {
    if (id === 'a') return key;
    throw new Error('no such key');
  },
});
const ui = 'http://127.0.0.1:8233';

let server: Server;
let port: number;

beforeAll(async () => {
  server = serveCodec({ codec, address: '127.0.0.1:0', ui });
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => server.close());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

function ask(
  path: string,
  {
    body = '{"payloads":[]}',
    method = 'POST',
    headers = {},
  }: Partial<{ body: string; method: string; headers: Record<string, string> }> = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.on('error', reject).end(method === 'POST' ? body : undefined);
  });
}

const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64');
const asJson = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data ?? new Uint8Array()),
});

test('a page of the Web UI: is what is sealed readable to it, and what is not left as it is?', async () => {
  const clear = defaultPayloadConverter.toPayload('cp-1 is well') ?? {};
  const [sealed] = await codec.encode([clear]);
  const foreign = { ...sealed, metadata: { ...sealed?.metadata, 'encryption-key-id': Buffer.from('b') } };
  const body = JSON.stringify({ payloads: [asJson(sealed ?? {}), asJson(foreign)] });
  const { status, headers, body: said } = await ask('/decode?namespace=default', { body, headers: { origin: ui } });
  expect(status).toBe(200);
  expect(headers['access-control-allow-origin']).toBe(ui);
  expect(JSON.parse(said)).toEqual({ payloads: [asJson(clear), asJson(foreign)] });
});

test.each([
  ['the Web UI by another name of this machine', { origin: 'http://localhost:8233' }, 204],
  ['another site', { origin: 'https://evil.example.com' }, 403],
  ['another program’s page on this machine', { origin: 'http://127.0.0.1:9999' }, 403],
  ['a page that has no origin', { origin: 'null' }, 403],
  ['a name that was rebound to this machine', { host: 'evil.example.com' }, 403],
])('may %s ask?', async (_who, headers, status) => {
  const preflight = await ask('/decode', { method: 'OPTIONS', headers });
  expect(preflight.status).toBe(status);
  if (status === 403) expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  expect((await ask('/decode', { headers })).status).toBe(status === 204 ? 200 : 403);
});

test.each([
  ['another path', '/keys', {}, 404],
  ['GET', '/decode', { method: 'GET' }, 404],
  ['no JSON', '/decode', { body: '{' }, 400],
  ['no base64', '/decode', { body: '{"payloads":[{"data":"%"}]}' }, 400],
])('%s is refused', async (_what, path, asked, status) => {
  expect((await ask(path, asked)).status).toBe(status);
});

test('a program that encodes gets what the worker decodes', async () => {
  const clear = defaultPayloadConverter.toPayload({ cluster: 'demo' }) ?? {};
  const { body } = await ask('/encode', { body: JSON.stringify({ payloads: [asJson(clear)] }) });
  expect(body).toContain(base64(Buffer.from('binary/encrypted')));
});
