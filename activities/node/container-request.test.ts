import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../cluster/components/spec.ts';
import { containerRequest } from './container-request.ts';

const spec: ContainerSpec = {
  image: 'quay.io/coreos/etcd:v3.6.16',
  command: ['/usr/local/bin/etcd', '--name=10.0.0.11', '--x=y'],
  env: { A: '1' },
  mounts: [
    { source: '/etc/etcd', destination: '/etc/etcd', access: 'ro', source_kind: 'created' },
    { source: '/run', destination: '/run', access: 'rw', propagation: 'rshared', source_kind: 'created' },
    {
      source: '/srv',
      destination: '/srv',
      access: 'ro',
      propagation: 'rslave',
      selinux_label: 'Z',
      source_kind: 'created',
    },
    { source: '/var/lib/etcd-cke/m-1', destination: '/var/lib/etcd', access: 'rw', source_kind: 'required' },
  ],
  tmpfs: ['/tmp'],
  privilege: 'none',
  pid: 'container',
  restart: 'always',
  stop_seconds: 60,
};

test('the image’s own entrypoint and user play no part', () => {
  expect(containerRequest(spec, { 'cke.epoch': '3' })).toMatchObject({
    Image: 'quay.io/coreos/etcd:v3.6.16',
    Entrypoint: ['/usr/local/bin/etcd'],
    Cmd: ['--name=10.0.0.11', '--x=y'],
    User: '0:0',
    Env: ['A=1'],
    Labels: { 'cke.epoch': '3' },
    StopTimeout: 60,
  });
});

test('a data directory is mounted so that Docker refuses a missing one (W-06); others are made', () => {
  const { HostConfig } = containerRequest(spec, {});
  expect(HostConfig?.Binds).toEqual(['/etc/etcd:/etc/etcd:ro', '/run:/run:rw,rshared', '/srv:/srv:ro,rslave,Z']);
  expect(HostConfig?.Mounts).toEqual([
    { Type: 'bind', Source: '/var/lib/etcd-cke/m-1', Target: '/var/lib/etcd', ReadOnly: false },
  ]);
});

test('what is the same for all', () => {
  expect(containerRequest(spec, {}).HostConfig).toMatchObject({
    NetworkMode: 'host',
    UTSMode: 'host',
    ReadonlyRootfs: true,
    Privileged: false,
    RestartPolicy: { Name: 'always' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    Tmpfs: { '/tmp': '' },
  });
  expect(containerRequest(spec, {}).HostConfig).not.toHaveProperty('PidMode');
});

test('a kubelet sees the host’s processes and has its devices', () => {
  const { HostConfig } = containerRequest({ ...spec, privilege: 'privileged', pid: 'host' }, {});
  expect(HostConfig).toMatchObject({ Privileged: true, PidMode: 'host' });
});
