import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { addressesOf } from './addresses.ts';
import { asExports, environment, settingsText } from './settings.ts';
import { pathsOf } from './state.ts';

const lab = addressesOf({ slot: 7 });
const paths = pathsOf('/s/demo');

test('what do client and worker read?', () => {
  expect(parse(settingsText(lab, paths))).toEqual({
    temporal: {
      address: '127.0.0.1:21140',
      namespace: 'default',
      ui: 'http://127.0.0.1:21141',
      codec_server: '127.0.0.1:21155',
    },
    etcd: {
      endpoints: ['https://127.0.0.1:21144'],
      ca_file: '/s/demo/pki/ca.crt',
      cert_file: '/s/demo/pki/client.crt',
      key_file: '/s/demo/pki/client.key',
    },
    vault: { address: 'https://127.0.0.1:21142', ca_file: '/s/demo/pki/ca.crt' },
    credentials_directory: '/s/demo/credentials',
    metrics: { address: '127.0.0.1:21150' },
  });
});

test('does a second worker get ports of its own?', () => {
  expect(parse(settingsText(lab, paths, 2))).toMatchObject({
    temporal: { codec_server: '127.0.0.1:21156' },
    metrics: { address: '127.0.0.1:21151' },
  });
});

test('can a shell evaluate the exports, whatever is in them?', () => {
  const script = `${asExports({ ODD: `it's "$HOME"` })}printf %s "$ODD"`;
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`it's "$HOME"`);
});

test('is the lab’s bin directory first on PATH, and only once?', () => {
  const { PATH } = environment({ lab, paths, vaultToken: 't', path: `/usr/bin:${paths.bin}:/bin` });
  expect(PATH).toBe(`${paths.bin}:/usr/bin:/bin`);
});
