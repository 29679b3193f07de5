import { request, type Agent } from 'node:https';
import { createInterface } from 'node:readline';
import { endpoint, ports } from '../../cluster/components/endpoint.ts';
import { kmsPluginName } from '../../cluster/encryption/cipher.ts';
import type { ClientCredentials } from '../credentials.ts';

/** What an API server has last been told of the key by its KMS plugin: the id's hash, empty before the first answer. */
export type KmsKeyId = { state: 'known'; hash: string } | { state: 'unknown'; because: string };

interface Asked {
  address: string;
  credentials: ClientCredentials;
  agent: Agent;
}

const deadlineMilliseconds = 10_000;

/** Set at each answer of the plugin to the time of that answer, by the id that was in it. */
const metric = 'apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds';

/** Reads it from the metrics of one API server, of which nothing else is kept. Never throws. */
export function kmsKeyIdAt({ address, credentials, agent }: Asked): Promise<KmsKeyId> {
  const { ca, certificate: cert, privateKey: key } = credentials;
  const url = `https://${endpoint(address, ports.apiServer)}/metrics`;
  return new Promise((resolve) => {
    const failed = (because: string) => resolve({ state: 'unknown', because });
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const outgoing = request(url, { agent, ca, cert, key, signal }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        failed(`/metrics answers ${response.statusCode}`);
        return;
      }
      const lines: string[] = [];
      response.on('error', ({ message }) => failed(message));
      createInterface({ input: response })
        .on('line', (line) => void (line.startsWith(metric) && lines.push(line)))
        .on('close', () => resolve({ state: 'known', hash: newestHash(lines) }));
    });
    outgoing.on('error', ({ message }) => failed(message));
    outgoing.end();
  });
}

/** The hash with the latest time, of lines in the text format of Prometheus. */
export function newestHash(lines: readonly string[]): string {
  const answers = lines.flatMap((line) => {
    const [, labels = '', time] = /^\w+\{(.*)\} (\S+)$/.exec(line) ?? [];
    const hash = /key_id_hash="([^"]*)"/.exec(labels)?.[1];
    const ours = labels.includes(`provider_name="${kmsPluginName}"`);
    return hash === undefined || !ours ? [] : [{ hash, time: Number(time) }];
  });
  return answers.toSorted((a, b) => b.time - a.time)[0]?.hash ?? '';
}
