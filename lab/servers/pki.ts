import { existsSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { run } from '../command.ts';
import type { LabPaths, LabRecord } from '../state.ts';

const days = '825';
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes the lab's small CA and the certificates of its Vault, its etcd and their clients, unless they are there. */
export async function ensurePki({ gateway }: Pick<LabRecord, 'gateway'>, paths: LabPaths): Promise<void> {
  if (!existsSync(paths.pki('ca.crt'))) {
    const ca = ['req', '-x509', ...newKey, '-days', days, '-subj', '/CN=cke lab CA'];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    await run('openssl', [...ca, ...usage, '-keyout', paths.pki('ca.key'), '-out', paths.pki('ca.crt')]);
    await chmod(paths.pki('ca.key'), 0o600);
  }
  await ensureCertificate(paths, {
    name: 'server',
    subject: '/CN=localhost',
    usage: 'serverAuth,clientAuth',
    addresses: ['127.0.0.1', gateway],
  });
  await ensureCertificate(paths, { name: 'client', subject: '/CN=cke', usage: 'clientAuth', addresses: ['127.0.0.1'] });
}

async function ensureCertificate(
  paths: LabPaths,
  { name, subject, usage, addresses }: { name: string; subject: string; usage: string; addresses: string[] },
): Promise<void> {
  if (existsSync(paths.pki(`${name}.crt`))) return;
  const [key, request, extensions] = [`${name}.key`, `${name}.csr`, `${name}.ext`].map((file) => paths.pki(file));
  if (key === undefined || request === undefined || extensions === undefined) return;
  const names = `subjectAltName=${['DNS:localhost', ...addresses.map((address) => `IP:${address}`)].join(',')}`;
  writeFileSync(extensions, `extendedKeyUsage=${usage}\n${names}\nbasicConstraints=CA:FALSE\n`);
  await run('openssl', ['req', '-new', ...newKey, '-subj', subject, '-keyout', key, '-out', request]);
  await chmod(key, 0o600);
  const signer = ['-CA', paths.pki('ca.crt'), '-CAkey', paths.pki('ca.key'), '-CAcreateserial'];
  const signed = ['-days', days, '-extfile', extensions, '-out', paths.pki(`${name}.crt`)];
  await run('openssl', ['x509', '-req', '-in', request, ...signer, ...signed]);
}
