import { expect, test } from 'vitest';
import { accepted, document } from '../../cluster/declaration/testing/minimal.ts';
import { pullOptions } from './registry-logins.ts';

const declaration = accepted(
  document({ x: 'private_registries: [{host: registry.example.com, credentials_secret: harbor}]' }),
);
const vault = { registryLogin: async () => ({ username: 'robot', password: 'pass' }) };

test('an image of a private registry is pulled with the login; a refusal says where that is', async () => {
  const options = await pullOptions(vault, declaration, 'registry.example.com/kubelet:v1');
  expect(options.auth).toEqual({ username: 'robot', password: 'pass', serveraddress: 'registry.example.com' });
  expect(options.cure).toMatch(/cke\/demo\/secrets registries harbor=@FILE/);
  expect(options.cure).not.toContain('pass');
});

test('any other image is pulled without one; a refusal says how one is declared', async () => {
  const options = await pullOptions(vault, declaration, 'quay.io/coreos/etcd:v3.6.16');
  expect(options.auth).toBeUndefined();
  expect(options.cure).toMatch(/private_registries: \[\{host: quay\.io, /);
});
