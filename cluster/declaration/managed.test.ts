import { describe, expect, test } from 'vitest';
import { components } from '../components/component.ts';
import type { Component as Program } from '../components/component.ts';
import { componentSpec } from '../components/component-spec.ts';
import { flagOf } from './extra-args.ts';
import { mountDestinationFinding } from './mounts.ts';
import { flagStanding } from './service-flags.ts';
import type { Component } from './service-flags.ts';
import { accepted, document, withKms } from './testing/minimal.ts';

/** Flags that we set and users may set again: the later value wins, or both are joined. */
const open = new Set([
  'audit-log-maxage',
  'audit-log-maxbackup',
  'audit-log-maxsize',
  'authentication-config',
  'corrupt-check-time',
  'enable-admission-plugins',
  'etcd-compaction-interval',
  'feature-gates',
  'kubelet-preferred-address-types',
  'node-ip',
  'profiling',
  'runtime-config',
  'shutdown-watch-termination-grace-period',
  'tls-min-version',
]);

/** Binds of ours that a user may replace by others at the same place. */
const replaceable = new Set(['/opt/volume/bin', '/var/lib/containerd']);

const programs: Record<Component, Program> = {
  etcd: 'etcd',
  rivers: 'rivers',
  'etcd-rivers': 'etcd-rivers',
  'kube-api': 'kube-apiserver',
  'vault-kms': 'vault-kms',
  'kube-controller-manager': 'kube-controller-manager',
  'kube-scheduler': 'kube-scheduler',
  'kube-proxy': 'kube-proxy',
  kubelet: 'kubelet',
};

const audited =
  'options: {kube-api: {audit_log_enabled: true, audit_log_policy: "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}"}}';
const declaration = accepted(document({ x: audited, ...withKms }));
const membership = { start: 'first', directory: 'm', token: 't', cluster: 'new', members: [] } as const;

describe('what a component has from us, a user cannot give it a second time', () => {
  test('every component is looked at', () => {
    expect(Object.values(programs).toSorted()).toEqual([...components].toSorted());
  });

  test.each(Object.entries(programs))('%s', (name, component) => {
    const [node] = declaration.nodes;
    if (node === undefined) throw new Error('no node');
    const { container } = componentSpec({ declaration, node, component, membership: { ...membership, members: [] } });
    const key = Object.keys(programs).find((one): one is Component => one === name) ?? 'etcd';
    const flags = container.command
      .flatMap((word) => flagOf(word) ?? [])
      .filter(() => component !== 'rivers' && component !== 'etcd-rivers');
    const free = flags.filter((flag) => !open.has(flag.name) && flagStanding(key, flag.name, 'false') === 'free');
    expect(free.map((flag) => flag.name)).toEqual([]);
    const unguarded = container.mounts.filter(
      ({ destination }) => !replaceable.has(destination) && mountDestinationFinding(key, destination) === undefined,
    );
    expect(unguarded.map(({ destination }) => destination)).toEqual([]);
  });
});
