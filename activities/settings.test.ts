import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CkeError, describeComplaint } from '../cluster/errors.ts';
import { loadSettings } from './settings.ts';

let directory = '';
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'settings-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const good = `
temporal: { address: 127.0.0.1:7233 }
etcd: { endpoints: ['https://10.0.0.5:2379'], ca_file: tls/ca.crt, cert_file: tls/client.crt, key_file: /keys/client.key }
vault: { address: 'https://10.0.0.5:8200', ca_file: tls/ca.crt }
credentials_directory: credentials
`;

function load(text: string) {
  const path = join(directory, 'cke.yaml');
  writeFileSync(path, text);
  return loadSettings(path);
}

function complaintOf(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof CkeError) return describeComplaint(error.complaint);
    throw error;
  }
  return 'no complaint';
}

describe('what is read', () => {
  test('file paths are relative to the settings file, one Vault address becomes a list', () => {
    expect(load(good)).toEqual({
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      etcd: {
        endpoints: ['https://10.0.0.5:2379'],
        ca_file: join(directory, 'tls/ca.crt'),
        cert_file: join(directory, 'tls/client.crt'),
        key_file: '/keys/client.key',
      },
      vault: { addresses: ['https://10.0.0.5:8200'], ca_file: join(directory, 'tls/ca.crt') },
      credentials_directory: join(directory, 'credentials'),
    });
  });
});

describe('what is refused, and in which words', () => {
  test.each<[string, string, RegExp]>([
    [
      'a misspelt key',
      good.replace('ca_file: tls/ca.crt, cert', 'cafile: tls/ca.crt, cert'),
      /did you mean ca_file\?/u,
    ],
    ['a missing section', good.replace(/credentials_directory.*/u, ''), /\/credentials_directory: is missing/u],
    [
      'etcd in clear text',
      good.replace('https://10.0.0.5:2379', 'http://10.0.0.5:2379'),
      /\/etcd\/endpoints\/0: want an https/u,
    ],
    ['an address without port', good.replace('127.0.0.1:7233', 'temporal'), /\/temporal\/address: want host:port/u],
    [
      'both address and addresses',
      good.replace("address: 'https", "addresses: ['https://v:1'], address: 'https"),
      /one of the two/u,
    ],
    ['not YAML', 'temporal: [', /the settings of cke have/u],
    ['an empty file', '', /\/temporal: is missing/u],
  ])('%s', (_, text, wanted) => {
    expect(complaintOf(text)).toMatch(wanted);
  });

  test('all problems at once', () => {
    expect(complaintOf('temporal: { address: x }\nvault: {}\n')).toMatch(/have 4 problems/u);
  });

  test('a file that is not there names the variable that selects it', () => {
    expect(() => loadSettings(join(directory, 'absent.yaml'))).toThrow(/cannot be read/u);
  });
});
