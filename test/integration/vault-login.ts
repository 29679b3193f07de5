import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IssuedPair } from '../../activities/vault/issue.ts';
import type { TestVault } from './vault-server.ts';

/** Whether Vault lets somebody in as the plugin of a cluster, who comes from this machine with this pair: the status of its answer. */
export function loginByCertificate(
  server: Pick<TestVault, 'address' | 'caFile'>,
  { cluster, pair }: { cluster: string; pair: Pick<IssuedPair, 'certificate' | 'privateKey'> },
): Promise<number | undefined> {
  const tls = { ca: readFileSync(server.caFile), cert: pair.certificate, key: pair.privateKey };
  return new Promise((resolve, reject) => {
    const url = `${server.address}/v1/auth/cke/${cluster}/vault-kms/login`;
    request(url, { ...tls, method: 'POST', agent: false }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end('{"name":"vault-kms"}');
  });
}
