import { expect, test } from 'vitest';
import { demandHarmless } from './user.ts';

test.each([
  ['everything', '', 'app'],
  ['the keys of Kubernetes', '/registry/', 'app'],
  ['some keys of Kubernetes', '/registry/secrets/', 'app'],
  ['a prefix that has the keys of Kubernetes below it', '/re', 'app'],
  ['the role root', '/app/', 'root'],
  ['the role of the API servers', '/app/', 'kube-apiserver'],
  ['a role with a space', '/app/', 'a b'],
])('an application is not given %s', (_what, prefix, role) => {
  expect(() => demandHarmless({ user: 'app', role, prefix })).toThrow('no etcd user was made');
});

test('an application is given keys of its own', () => {
  expect(() => demandHarmless({ user: 'app', role: 'app', prefix: '/app/' })).not.toThrow();
  expect(() => demandHarmless({ user: 'app', role: 'app', prefix: '/registry-of-mine/' })).not.toThrow();
});
