import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromJson } from '../e2e/json.ts';
import { cluster, run } from '../e2e/story.ts';

/** PEM texts. */
export interface ForgedPair {
  readonly certificate: string;
  readonly key: string;
}

interface Subject {
  readonly commonName: string;
  readonly addresses: readonly string[];
  /** YYYYMMDDHHMMSSZ: from when on it is valid; since long unless told. */
  readonly from?: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const configuration = `[ca]
default_ca = own
[own]
new_certs_dir = .
database = database
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
[names]
commonName = supplied
`;

/** A pair by a CA that nobody knows. */
export async function byStranger({ commonName, addresses, from = '20200101000000Z' }: Subject): Promise<ForgedPair> {
  const directory = mkdtempSync(join(tmpdir(), 'cke-forged-'));
  const openssl = (...argv: string[]) => promisify(execFile)('openssl', argv, { cwd: directory });
  const text = (name: string) => readFileSync(join(directory, name), 'utf8');
  try {
    writeFileSync(join(directory, 'configuration'), configuration);
    writeFileSync(join(directory, 'database'), '');
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '9',
      '-subj',
      '/CN=stranger',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    const names = `subjectAltName=${addresses.map((address) => `IP:${address}`).join(',')}`;
    const subject = ['-subj', `/CN=${commonName}`, '-addext', names, '-keyout', 'leaf.key', '-out', 'leaf.csr'];
    await openssl('req', '-new', ...newKey, ...subject);
    const times = ['-startdate', from, '-enddate', '20601231000000Z'];
    const signer = ['-batch', '-config', 'configuration', '-cert', 'ca.crt', '-keyfile', 'ca.key', '-notext'];
    await openssl('ca', ...signer, ...times, '-in', 'leaf.csr', '-out', 'leaf.crt');
    return { certificate: text('leaf.crt'), key: text('leaf.key') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface FromVault {
  readonly authority: string;
  readonly role: string;
  readonly commonName: string;
  readonly address: string;
  readonly ttl?: string;
}

/** A pair by one of the cluster's own CAs. */
export async function byVault({ authority, role, commonName, address, ttl }: FromVault): Promise<ForgedPair> {
  const names = [`common_name=${commonName}`, `ip_sans=${address}`, 'exclude_cn_from_sans=true'];
  const path = `cke/${cluster}/ca-${authority}/issue/${role}`;
  const said = await run(
    'vault',
    'write',
    '-format=json',
    path,
    ...names,
    ...(ttl === undefined ? [] : [`ttl=${ttl}`]),
  );
  const { data } = fromJson<{ data: { certificate: string; private_key: string } }>(said);
  return { certificate: data.certificate, key: data.private_key };
}
