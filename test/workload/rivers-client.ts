import { request } from 'node:https';
import { argv, stdin, stdout } from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { fromJson } from '../e2e/json.ts';
import type { Asked } from './rivers-clients.ts';

/**
 * A program of its own, run inside a node's network: changes a ConfigMap through rivers and reads it back, again and again, as a
 * client does that tries a request once more when its connection broke. Prints a line of JSON for each request. Credentials come on
 * standard input, the ConfigMap's name is the argument.
 */
const [name = ''] = argv.slice(2);
const { ca, certificate: cert, privateKey: key } = fromJson<ClientCredentials>(await text(stdin));

const mostAttempts = 5;
const pauseMilliseconds = 50;
const path = '/api/v1/namespaces/default/configmaps';

interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: unknown;
}

interface Answer {
  status: number;
  text: string;
}

function call({ method, path: where, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { 'content-type': type };
    const options = { host: '127.0.0.1', port: 16443, path: where, method, ca, cert, key, headers, timeout: 3_000 };
    const asked = request({ ...options, servername: 'kubernetes', agent: false }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, text: said }), reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s')));
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Asks until it is answered properly, and prints how that went. */
async function ask(kind: Asked['kind'], one: Call, proper: (answer: Answer) => boolean): Promise<void> {
  const at = Date.now();
  const failures: string[] = [];
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const failure = await call(one).then(
      (answer) => (proper(answer) ? undefined : `${answer.status} ${answer.text.slice(0, 200)}`),
      (error: unknown) => String(error),
    );
    if (failure === undefined) break;
    failures.push(failure);
    await sleep(200);
  }
  const outcome = failures.length === mostAttempts ? 'failed' : 'ok';
  const line: Asked = { kind, at, milliseconds: Date.now() - at, outcome, failures };
  stdout.write(`${JSON.stringify(line)}\n`);
}

const body = { metadata: { name }, data: { value: '0' } };
await ask('write', { method: 'POST', path, body }, ({ status }) => status === 201 || status === 409);
for (let count = 1; ; count += 1) {
  const value = String(count);
  const one = `${path}/${name}`;
  await ask('write', { method: 'PATCH', path: one, body: { data: { value } } }, ({ status }) => status === 200);
  await ask('read', { method: 'GET', path: one }, (answer) => answer.status === 200 && holds(answer.text, value));
  await sleep(pauseMilliseconds);
}

/** What was acknowledged is there: this client alone writes it. */
function holds(said: string, value: string): boolean {
  return fromJson<{ data?: { value?: string } }>(said).data?.value === value;
}
