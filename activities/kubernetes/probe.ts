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

/** Asks an API server whether it is ready, by the path that rivers asks. As ourselves: anonymous requests may be off. Never throws. */
export function probeApiServer({ address, credentials, agent }: ProbeInput): Promise<Health> {
  const url = `https://${endpoint(address, ports.apiServer)}${readyPath}`;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const { ca, certificate: cert, privateKey: key } = credentials;
    const outgoing = request(url, { agent, ca, cert, key, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < 10_000) body += chunk;
      });
      response.on('error', (error) => resolve(healthOfError(error)));
      response.on('end', () => resolve(healthOfAnswer(response.statusCode ?? 0, body)));
    });
    outgoing.on('error', (error) => resolve(healthOfError(error)));
    outgoing.end();
  });
}

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
