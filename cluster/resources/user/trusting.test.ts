import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { trusting, wantsAuthority } from './trusting.ts';

const named = (kind: string, rest: Partial<KubernetesObject>, annotations: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'it', annotations },
  ...rest,
});

const service = { name: 'server', namespace: 'default' };
const inject = { 'cke.cybozu.com/inject-cacert': 'true' };

test.each([
  ['ValidatingWebhookConfiguration', inject, true],
  ['MutatingWebhookConfiguration', inject, true],
  ['MutatingWebhookConfiguration', {}, false],
  ['APIService', inject, true],
  ['APIService', { 'cke.cybozu.com/inject-cacert': 'false' }, false],
  ['CustomResourceDefinition', inject, true],
  ['ConfigMap', inject, false],
  ['constructor', inject, false],
])('%s with %o wants our CA: %s', (kind, annotations, wanted) => {
  expect(wantsAuthority(named(kind, {}, annotations))).toBe(wanted);
});

describe('where does our CA go?', () => {
  test('into each webhook, beside what it says of its server', () => {
    const hook = { name: 'a', clientConfig: { service } };
    const bare = { name: 'b' };
    const { webhooks } = trusting(named('MutatingWebhookConfiguration', { webhooks: [hook, bare] }), 'Q0E=');
    expect(webhooks).toEqual([
      { name: 'a', clientConfig: { service, caBundle: 'Q0E=' } },
      { name: 'b', clientConfig: { caBundle: 'Q0E=' } },
    ]);
  });

  test('into an APIService, in the place of any other', () => {
    const spec = { group: 'shop.example.com', version: 'v1', service, caBundle: 'b2xk' };
    expect(trusting(named('APIService', { spec }), 'Q0E=')['spec']).toEqual({ ...spec, caBundle: 'Q0E=' });
  });

  test('into the conversion webhook of a definition, where it has one', () => {
    const conversion = {
      strategy: 'Webhook',
      webhook: { clientConfig: { service }, conversionReviewVersions: ['v1'] },
    };
    const webhook = { clientConfig: { service, caBundle: 'Q0E=' }, conversionReviewVersions: ['v1'] };
    const converted = trusting(named('CustomResourceDefinition', { spec: { group: 'g', conversion } }), 'Q0E=');
    expect(converted['spec']).toEqual({ group: 'g', conversion: { strategy: 'Webhook', webhook } });
    const plain = named('CustomResourceDefinition', { spec: { group: 'g', conversion: { strategy: 'None' } } });
    expect(trusting(plain, 'Q0E=')).toEqual(plain);
  });
});
