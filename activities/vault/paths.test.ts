import { expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { authorityMount, identityName, roleName, secretPath } from './paths.ts';
import { clusterPolicy } from './policy.ts';

const request = {
  kind: 'kubelet',
  authority: 'kubernetes',
  commonName: 'x',
  organizations: [],
  dnsNames: [],
  ipAddresses: [],
  usages: ['client'],
  lifetimeHours: 1,
  renewBeforeHours: 1,
} as const;

test.each([
  ['a node', { node: 'cp-1' }, 'kubelet-cp-1'],
  ['a node with a domain', { node: 'cp-1.example.com' }, 'kubelet-cp-1.example.com'],
  ['a node that is named by its IPv6 address', { node: 'fd00::11' }, 'kubelet-fd00--11'],
  ['no node', { kind: 'scheduler' }, 'scheduler'],
] as const)('which role has a certificate of %s?', (_, change, expected) => {
  expect(roleName({ ...request, organizations: [], dnsNames: [], ipAddresses: [], ...change })).toBe(expected);
});

test('do administrators with other names or groups have other roles?', () => {
  const people = [
    { commonName: 'alice', organizations: ['ops'] },
    { commonName: 'alice', organizations: ['dev'] },
    { commonName: 'bob', organizations: ['ops'] },
  ];
  const names = people.map((person) =>
    roleName({ ...request, kind: 'admin', dnsNames: [], ipAddresses: [], ...person }),
  );
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^admin-[0-9a-f]{12}$/);
});

test.each(['', '../x', 'a/b', 'A', 'a.b', 'x'.repeat(64)])('may a cluster be called %j?', (cluster) => {
  expect(() => authorityMount(cluster, 'server')).toThrow(CkeError);
});

test('may the worker neither wrap nor unwrap, and is what it may change of the transit key and of the plugin’s login named?', () => {
  const policy = clusterPolicy('demo', 'default');
  expect(policy).not.toMatch(/encrypt\/|decrypt\/|rewrap|export|datakey/);
  expect(policy).toContain('allowed_parameters = {\n    "min_decryption_version" = []\n  }');
  const [login, ...others] = policy.match(/path "auth\/cke[^}]+}\n}/g) ?? [];
  expect([login, others]).toEqual([
    'path "auth/cke/demo/vault-kms/certs/vault-kms" {\n  capabilities = ["read","update"]\n  allowed_parameters = {\n    "certificate" = []\n  }\n}',
    [],
  ]);
});

test('does everything of a cluster lie under its own prefix, with every path of its policy?', () => {
  expect(authorityMount('demo', 'etcd-peer')).toBe('cke/demo/ca-etcd-peer');
  expect(secretPath('demo', 'ssh')).toBe('cke/demo/secrets/data/ssh');
  expect(identityName('demo')).toBe('cke-demo');
  const paths = [...clusterPolicy('demo', 'Team.A').matchAll(/path "([^"]+)"/g)].map(([, path]) => path);
  const own =
    /^(cke\/demo\/(ca-|transit\/keys\/secrets(\/rotate|\/config)?$|secrets\/(data|metadata)\/[a-z-]+(\/\+)*$)|auth\/token\/(renew|lookup)-self$|auth\/cke\/demo\/vault-kms\/certs\/vault-kms$|auth\/approle\/role\/cke-demo\/secret-id|cke-payloads\/data\/team-a$)/;
  expect(paths.filter((path) => !own.test(path ?? ''))).toEqual([]);
});
