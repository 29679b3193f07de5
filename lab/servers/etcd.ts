import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { flags } from '../command.ts';
import { ensureProcess, waitUntil } from '../processes.ts';
import type { LabPaths } from '../state.ts';
import type { Server } from './server.ts';

/** The management etcd: one member; clients show a certificate of the lab's CA. */
export const etcd: Server = {
  async start({ lab, paths, tools }) {
    const client = `https://127.0.0.1:${lab.ports.etcdClient}`;
    const peer = `https://127.0.0.1:${lab.ports.etcdPeer}`;
    const [record, log] = [paths.record('etcd'), paths.log('etcd')];
    const [ca, cert, key] = [paths.pki('ca.crt'), paths.pki('server.crt'), paths.pki('server.key')];
    const settings = flags({
      name: 'lab',
      'data-dir': join(paths.server('etcd'), 'data'),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `lab=${peer}`,
      'client-cert-auth': 'true',
      'trusted-ca-file': ca,
      'cert-file': cert,
      'key-file': key,
      'peer-client-cert-auth': 'true',
      'peer-trusted-ca-file': ca,
      'peer-cert-file': cert,
      'peer-key-file': key,
      'auto-compaction-mode': 'periodic',
      'auto-compaction-retention': '1h',
      'log-level': 'warn',
    });
    const argv = [tools('etcd'), ...settings];
    await ensureProcess(argv, { record, log });
    await waitUntil('etcd', async () => (await isHealthy(client, paths)) || undefined, { log, record });
  },
};

function isHealthy(endpoint: string, paths: LabPaths): Promise<boolean> {
  const [ca, cert, key] = ['ca.crt', 'client.crt', 'client.key'].map((file) => readFileSync(paths.pki(file)));
  return new Promise((resolve) => {
    const asked = get(`${endpoint}/health`, { ca, cert, key, timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
  });
}
