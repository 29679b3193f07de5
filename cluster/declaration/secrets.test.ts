import { expect, test } from 'vitest';
import { secretIn } from './secrets.ts';

const lines = [
  'MIIBjjCCATOgAwIBAgIUQ5tIXu9lETPYNBoPKFJ28BRZrYAwCgYIKoZIzj0EAwIw',
  'HDEaMBgGA1UEAwwRYSBDQSBvZiB0aGUgdGVzdHMwHhcNMjYxMTI4MDAyMjUyWhcN',
];
const certificate = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');

test.each([
  ['a certificate', certificate, undefined],
  ['two of them', certificate + certificate, undefined],
  ['what is inside of one, by itself', lines.join('\n'), 'a long random text'],
  ['a certificate with something behind it', `${certificate}${lines[0]}`, 'a long random text'],
  ['a certificate with a key', `${certificate}-----BEGIN EC PRIVATE KEY-----`, 'a private key'],
])('%s: does it hold a secret?', (_, text, expected) => {
  expect(secretIn(text)).toBe(expected);
});
