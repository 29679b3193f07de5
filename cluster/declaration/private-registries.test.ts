import { describe, expect, test } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { accepted, document } from './testing/minimal.ts';
import { loginFor } from './private-registries.ts';

const registries = (...entries: string[]) => document({ x: `private_registries: [${entries.join(', ')}]` });

describe('whose login an image is pulled with', () => {
  const declaration = accepted(
    registries(
      '{host: docker.io, credentials_secret: hub}',
      "{host: '10.0.0.9:5000', credentials_secret: own}",
      '{host: registry.example.com, credentials_secret: harbor}',
    ),
  );

  test.each([
    ['registry.example.com/k8s/kubelet:v1', 'harbor'],
    ['10.0.0.9:5000/etcd:v3', 'own'],
    ['10.0.0.9:5001/etcd:v3', undefined],
    ['haproxy:3.0.10', 'hub'],
    ['library/haproxy:3.0.10', 'hub'],
    ['registry.k8s.io/kube-proxy:v1.34.4', undefined],
    ['registry.example.com.evil.org/kubelet:v1', undefined],
  ])('%s: %s', (image, entry) => {
    expect(loginFor(declaration, image)?.credentials_secret).toBe(entry);
  });
});

// prettier-ignore
const cases = [
  bad('R1', 'a login in the declaration', { source: registries('{host: a.example.com, username: robot, password: hunter2}'), code: 'secret-literal', path: '/private_registries/0/password' }),
  bad('R2', 'an address instead of a host', { source: registries("{host: 'https://a.example.com', credentials_secret: a}"), code: 'invalid-registry', path: '/private_registries/0/host' }),
  bad('R3', 'a path behind the host', { source: registries('{host: a.example.com/k8s, credentials_secret: a}'), code: 'invalid-registry' }),
  bad('R4', 'two logins for one registry', { source: registries('{host: a.example.com, credentials_secret: a}', '{host: a.example.com, credentials_secret: b}'), code: 'duplicate', path: '/private_registries/1/host' }),
];

describe('a private registry is bad', () => {
  judge(cases);
});
