import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import {
  acceptsHostKey,
  describePolicy,
  fingerprintOf,
  hostKeyAlgorithms,
  hostKeyPolicy,
  publicKeyLine,
} from './host-key.ts';

function blobOf(type: string, filling: number): Buffer {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.alloc(36, filling)]);
}

const mine = blobOf('ssh-ed25519', 1);
const other = blobOf('ssh-ed25519', 2);
const line = publicKeyLine(mine);

describe('does the server have the right host key?', () => {
  test.each([
    { known: undefined, words: 'nothing is known yet: any key, provisionally', mine: true, other: true },
    { known: line, words: 'the line of its public key file', mine: true, other: false },
    { known: `${line} root@cp-1\n`, words: 'the same with a comment', mine: true, other: false },
    { known: fingerprintOf(mine), words: 'its fingerprint', mine: true, other: false },
    { known: ` ${fingerprintOf(mine)}= `, words: 'its fingerprint, padded', mine: true, other: false },
  ])('$words', ({ known, ...accepted }) => {
    const policy = hostKeyPolicy(known);
    expect({ mine: acceptsHostKey(policy, mine), other: acceptsHostKey(policy, other) }).toMatchObject({
      mine: accepted.mine,
      other: accepted.other,
    });
    if (known !== undefined) expect(describePolicy(policy)).toBe(fingerprintOf(mine));
  });

  test.each([
    '',
    'SHA256:short',
    'MD5:00:11',
    'ssh-ed25519',
    'ssh-ed25519 notbase64!',
    'ssh-rsa ' + line.split(' ')[1],
  ])('"%s" is no host key', (text) => {
    expect(() => hostKeyPolicy(text)).toThrow(CkeError);
  });
});

test.each([
  { known: undefined, offers: 1 },
  { known: line, offers: 1 },
  { known: fingerprintOf(mine), offers: 3 },
])('no offer is built on SHA-1 ($known)', ({ known, offers }) => {
  const offered = hostKeyAlgorithms(hostKeyPolicy(known));
  expect(offered).toHaveLength(offers);
  expect(offered.flat()).not.toContain('ssh-rsa');
});

test('a known RSA key is asked for with SHA-2', () => {
  expect(hostKeyAlgorithms(hostKeyPolicy(publicKeyLine(blobOf('ssh-rsa', 3))))).toEqual([
    ['rsa-sha2-512', 'rsa-sha2-256'],
  ]);
});
