import { request, type Agent } from 'node:https';
import { endpoint, ports, readyPath } from '../../cluster/components/endpoint.ts';
import type { Health } from '../../cluster/observation.ts';
import type { ClientCredentials } from '../credentials.ts';

/** One that is well answers in milliseconds; a look waits for the slowest, and what has died elsewhere waits for the look. */
const deadlineMilliseconds = 1_500;

interface ProbeInput {
  address: string;
  credentials: ClientCredentials;
  agent: Agent;
}

/**
 * Asks an API server whether it is ready, by the path that rivers asks. As ourselves: anonymous requests may be off. One that is not, and has a KMS
 * plugin, is asked about that, too: it waits for it before it reads its first Secret. Never throws.
 */
export async function probeApiServer(probe: ProbeInput): Promise<Health> {
  const answer = await ask(probe, readyPath);
  if (answer.state === 'silent') return answer.health;
  const hasPlugin = answer.status !== 200 && answer.body.includes('kms-providers excluded');
  const waiting = hasPlugin ? whyWaiting(await ask(probe, '/readyz/kms-providers')) : undefined;
  if (waiting === undefined) return healthOfAnswer(answer.status, answer.body);
  return { state: 'unhealthy', because: `it waits for its KMS plugin: ${waiting}` };
}

type Answer = { state: 'answered'; status: number; body: string } | { state: 'silent'; health: Health };

function ask({ address, credentials, agent }: ProbeInput, path: string): Promise<Answer> {
  const url = `https://${endpoint(address, ports.apiServer)}${path}`;
  return new Promise((resolve) => {
    const silent = (error: Error) => resolve({ state: 'silent', health: healthOfError(error) });
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const { ca, certificate: cert, privateKey: key } = credentials;
    const outgoing = request(url, { agent, ca, cert, key, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < 10_000) body += chunk;
      });
      response.on('error', silent);
      response.on('end', () => resolve({ state: 'answered', status: response.statusCode ?? 0, body }));
    });
    outgoing.on('error', silent);
    outgoing.end();
  });
}

/**
 * What the plugin says, in Vault's own words (`* Vault is sealed`) where it passes them on; undefined when it is well. It asks Vault again for a
 * while before it says anything.
 */
function whyWaiting(answer: Answer): string | undefined {
  if (answer.state === 'silent') return slow;
  if (answer.status !== 500) return undefined;
  const lines = answer.body.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line.startsWith('* ')).map((line) => line.slice(2));
  if (said.length > 0) return said.join(', ').slice(0, 200);
  const first = (lines[0] ?? '').replace(/^internal server error: /, '');
  return /cancel|deadline/i.test(first) ? slow : first.slice(0, 200);
}

const slow = 'no answer in time, for which it needs Vault';

function healthOfAnswer(status: number, body: string): Health {
  if (status === 200) return { state: 'healthy' };
  const failing = body
    .split('\n')
    .filter((line) => line.startsWith('[-]'))
    .map((line) => line.slice(3).split(' ')[0] ?? '');
  const detail = failing.length === 0 ? '' : `: ${failing.slice(0, 5).join(', ')}`;
  return { state: 'unhealthy', because: `/readyz answers ${status}${detail}` };
}

/** A closed port is an answer of the node itself; silence is not, and proves nothing. */
function healthOfError(error: Error & { code?: string }): Health {
  if (error.code === 'ECONNREFUSED')
    return { state: 'unhealthy', because: `nothing listens on port ${ports.apiServer} yet` };
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { state: 'unknown', because: `port ${ports.apiServer}: no answer in time` };
  return { state: 'unknown', because: `port ${ports.apiServer}: ${error.code ?? error.message}` };
}
