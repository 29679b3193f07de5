import { expect, test } from 'vitest';
import type { CertificateRequest } from '../../cluster/certificates/certificate.ts';
import type { VaultClient } from './client.ts';
import { createRoles, roleParameters } from './roles.ts';

const request: CertificateRequest = {
  kind: 'kubelet',
  authority: 'kubernetes',
  node: 'cp-1',
  commonName: 'system:node:cp-1',
  organizations: ['system:nodes'],
  dnsNames: ['localhost', 'cp-1'],
  ipAddresses: ['127.0.0.1'],
  usages: ['client', 'server'],
  lifetimeHours: 720,
  renewBeforeHours: 240,
};

/** A Vault with one role, that counts what it is asked. */
function fakeVault(stored: Record<string, unknown> | undefined) {
  const calls: string[] = [];
  const client: VaultClient = {
    async read({ path, shape }) {
      calls.push(`read ${path}`);
      return stored === undefined ? undefined : shape.parse({ data: stored });
    },
    list: async () => undefined,
    remove: async () => undefined,
    async write({ path, body, shape }) {
      calls.push(`write ${path}`);
      stored = body;
      return shape.parse({});
    },
  };
  return { roles: createRoles(client), calls };
}

const path = 'cke/demo/ca-kubernetes/roles/kubelet-cp-1';
const asked = { cluster: 'demo', request, token: 't' };

test.each([
  ['is missing', undefined, ['read', 'write']],
  [
    'is as wanted, with Vault’s own additions',
    { ...roleParameters(request), country: [], policy_identifiers: [] },
    ['read'],
  ],
  [
    'has its lists in another order',
    { ...roleParameters(request), allowed_domains: ['system:node:cp-1', 'localhost', 'cp-1'] },
    ['read'],
  ],
  ['allows any name', { ...roleParameters(request), allow_any_name: true }, ['read', 'write']],
  ['has another lifetime', { ...roleParameters(request), max_ttl: 3600 }, ['read', 'write']],
  ['has one name more', { ...roleParameters(request), allowed_domains: ['x', 'cp-1'] }, ['read', 'write']],
])('a role that %s: what is sent?', async (_, stored, expected) => {
  const { roles, calls } = fakeVault(stored);
  expect(await roles.reconcile(asked)).toBe('kubelet-cp-1');
  expect(calls).toEqual(expected.map((verb) => `${verb} ${path}`));
});

test('a role that was seen to be right: does it cost another request?', async () => {
  const { roles, calls } = fakeVault(roleParameters(request));
  await roles.reconcile(asked);
  await roles.reconcile(asked);
  expect(calls).toHaveLength(1);
  await roles.reconcile({ ...asked, request: { ...request, ipAddresses: [] } });
  expect(calls).toHaveLength(3);
  roles.forget({ cluster: 'demo', request });
  await roles.reconcile({ ...asked, request: { ...request, ipAddresses: [] } });
  expect(calls).toHaveLength(4);
});

test('which names does a role allow, and which certificates does Vault keep?', () => {
  expect(roleParameters(request)).toMatchObject({
    allowed_domains: ['cp-1', 'localhost', 'system:node:cp-1'],
    allow_any_name: false,
    allow_ip_sans: true,
    no_store: false,
    max_ttl: 720 * 3600,
  });
  expect(roleParameters({ ...request, ipAddresses: [], lifetimeHours: 2 })).toMatchObject({
    allow_ip_sans: false,
    no_store: true,
  });
});
