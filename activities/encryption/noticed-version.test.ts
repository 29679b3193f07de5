import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { byVault, declare } from '../../cluster/decide/testing/fleet.ts';
import type { KmsKeyId } from '../kubernetes/kms-key-id.ts';
import { whyNotNoticed } from './noticed-version.ts';

const hashOf = (version: string): KmsKeyId => ({
  state: 'known',
  hash: `sha256:${createHash('sha256').update(version).digest('hex')}`,
});
const silent: KmsKeyId = { state: 'unknown', because: 'no answer' };

const notYet = 'the API server on cp-2 does not know of kms v2 yet: it asks its plugin once a minute';
const notSeen = 'whether the API server on cp-3 knows kms v2: no answer';

test.each<[question: string, known: KmsKeyId[], without: string[], expected: string | undefined]>([
  ['all know it', ['2', '2', '2'].map(hashOf), [], undefined],
  ['one knows the version before', ['2', '1', '2'].map(hashOf), [], notYet],
  ['one was never told of any', [hashOf('2'), { state: 'known', hash: '' }, hashOf('2')], [], notYet],
  ['one does not answer', [hashOf('2'), hashOf('2'), silent], [], notSeen],
  ['one that a person has excepted does not answer', [hashOf('2'), hashOf('2'), silent], ['cp-3'], undefined],
])('%s: do all API servers write with the new version?', async (_, known, without, expected) => {
  const declaration = declare({ encryption: byVault });
  const own = { ca: '', certificate: '', privateKey: '' };
  const credentials = { etcd: async () => own, kubernetes: async () => own };
  const kubernetes = {
    kmsKeyId: async ({ address }: { address: string }) =>
      known[declaration.nodes.findIndex((node) => node.address === address)] ?? silent,
  };
  expect(await whyNotNoticed({ declaration, version: 2, without, kubernetes, credentials })).toBe(expected);
});
