import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { post, signatureOf, type Delivery } from './post.ts';

interface Heard {
  method: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A real server on this machine that answers as told, and what it heard. */
async function receiver(answer: RequestListener, tls?: { key: string; cert: string }) {
  const heard: Heard[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push({ method: request.method, headers: request.headers, body });
      answer(request, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { heard, port: (server.address() as AddressInfo).port };
}

/** A certificate for a name that nobody but the test trusts. */
function testCertificate(name: string): { key: string; cert: string } {
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const argv = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
    ...subject,
  ];
  const text = execFileSync('openssl', [...argv, '-keyout', '-', '-out', '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/u.exec(text) ?? [];
  const [cert = ''] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/u.exec(text) ?? [];
  return { key, cert };
}

const ok: RequestListener = (_request, response) => response.end('thanks');
const delivery = (url: string, more: Partial<Delivery> = {}): Delivery => ({
  name: 'chat',
  url,
  id: 'delivery-1',
  event: 'blocked',
  body: '{"cluster":"prod"}',
  now: 1_767_225_600_000,
  ...more,
});
const complaintOf = (call: Promise<void>) =>
  call.then(
    () => 'no error',
    (error: unknown) =>
      error instanceof CkeError
        ? `${error.complaint.remedy}: ${error.message} (${error.complaint.got ?? ''})`
        : String(error),
  );

describe('what a receiver gets', () => {
  test('a POST with JSON, the event, an id that stays the same, and a signature that it can check', async () => {
    const { heard, port } = await receiver(ok);
    await post(delivery(`http://127.0.0.1:${port}/hook`, { signingKey: 'shared' }));
    const [call] = heard;
    expect(call).toMatchObject({ method: 'POST', body: '{"cluster":"prod"}' });
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'cke-event': 'blocked',
      'cke-delivery': 'delivery-1',
      'cke-signature': `t=1767225600,v1=${signatureOf({ signingKey: 'shared', at: 1_767_225_600, body: call?.body ?? '' })}`,
    });
    expect(call?.headers['cke-signature']).toContain('v1=1f41ebf33afd6a38');
  });

  test('no signature without a key', async () => {
    const { heard, port } = await receiver(ok);
    await post(delivery(`http://127.0.0.1:${port}/`));
    expect(heard[0]?.headers['cke-signature']).toBeUndefined();
  });

  test('TLS is verified', async () => {
    const pair = testCertificate('localhost');
    const { heard, port } = await receiver(ok, pair);
    expect(await complaintOf(post(delivery(`https://localhost:${port}/`)))).toMatch(
      /retry: .* could not be called: (DEPTH_ZERO_)?SELF_SIGNED/,
    );
    await post(delivery(`https://localhost:${port}/`, { ca: pair.cert }));
    expect(heard).toHaveLength(1);
  });
});

describe('what is not called at all', () => {
  test.each([
    ['http to another machine', 'http://10.0.0.9/hook', 'http://10.0.0.9 is not https'],
    ['a metadata service', 'http://169.254.169.254/latest', '169.254.169.254 is a linkLocal address'],
    ['a metadata service by IPv6', 'https://[fd00:ec2::254]/', 'fd00:ec2::254 is a metadata address'],
    ['a metadata service as IPv4 in IPv6', 'https://[::ffff:169.254.169.254]/', 'is a linkLocal address'],
    ['a metadata service in decimal', 'https://2852039166/', '169.254.169.254 is a linkLocal address'],
    ['link-local IPv6', 'https://[fe80::1]/', 'fe80::1 is a linkLocal address'],
    ['every address', 'http://0.0.0.0/', '0.0.0.0 is a unspecified address'],
    ['a file', 'file:///etc/passwd', 'no address of a host'],
    ['credentials in the address', 'https://me:secret@10.0.0.9/', 'credentials'],
    ['no address', 'chat.example', 'no address of a host'],
  ])('%s', async (_case, url, because) => {
    const complaint = await complaintOf(post(delivery(url)));
    expect(complaint).toContain(because);
    expect(complaint).not.toContain('secret@');
  });
});

describe('a receiver that does not do its part', () => {
  test.each<[string, RequestListener, string]>([
    [
      'is down for a while',
      (_request, response) => void response.writeHead(503).end(),
      'retry: the webhook chat answered 503',
    ],
    ['refuses', (_request, response) => void response.writeHead(403).end(), 'never: the webhook chat answered 403'],
    [
      'redirects',
      (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'never: the webhook chat answered 302, a redirect, which is not followed',
    ],
    [
      'talks too much',
      (_request, response) => void response.end('x'.repeat(70_000)),
      'retry: the webhook chat could not be called: its answer is longer than 64 KiB',
    ],
    [
      'breaks the connection',
      (request) => void request.socket.destroy(),
      'retry: the webhook chat could not be called',
    ],
    ['never answers', () => undefined, 'retry: the webhook chat could not be called: no answer within 5 s'],
  ])(
    '%s',
    async (_case, answer, because) => {
      const { heard, port } = await receiver(answer);
      expect(await complaintOf(post(delivery(`http://127.0.0.1:${port}/hook-with-token`)))).toContain(because);
      expect(heard).toHaveLength(1);
    },
    15_000,
  );

  test('nothing listens there; the address, which may hold a token, is not told', async () => {
    const complaint = await complaintOf(post(delivery('http://127.0.0.1:1/hook-with-token')));
    expect(complaint).toContain('ECONNREFUSED');
    expect(complaint).not.toContain('token');
  });
});
