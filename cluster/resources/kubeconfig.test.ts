import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { renderKubeconfig } from './kubeconfig.ts';

test('the official client reads it', () => {
  const config = new KubeConfig();
  config.loadFromString(
    renderKubeconfig({
      cluster: 'demo',
      server: 'https://127.0.0.1:16443',
      user: 'system:kube-scheduler',
      authority: 'CA',
      certificate: 'CERTIFICATE',
      privateKey: 'KEY',
    }),
  );
  expect(config.getCurrentCluster()).toMatchObject({
    name: 'demo',
    server: 'https://127.0.0.1:16443',
    caData: btoa('CA'),
  });
  expect(config.getCurrentUser()).toMatchObject({
    name: 'system:kube-scheduler',
    certData: btoa('CERTIFICATE'),
    keyData: btoa('KEY'),
  });
});
