import { describe, expect, test } from 'vitest';
import { parseDeclaration } from './parse.ts';
import type { DeclarationParsing } from './parse.ts';
import { document, nodes, options } from './testing/minimal.ts';

function acceptedWithWarnings(source: string): Extract<DeclarationParsing, { outcome: 'accepted' }> {
  const parsing = parseDeclaration(source);
  if (parsing.outcome === 'refused') throw new Error(JSON.stringify(parsing.problems));
  return parsing;
}

const oldKubelet = [
  'domain: neco.local, allow_swap: true, container_runtime: remote',
  'container_runtime_endpoint: unix:///var/run/k8s.sock, container_log_max_size: 1000, container_log_max_files: 3',
].join(', ');

describe('the forms of older releases of CKE', () => {
  test('nodes[].name is the host name', () => {
    const { declaration, warnings } = acceptedWithWarnings(
      document(nodes('name: cp-1, address: 10.0.0.1, user: cybozu, control_plane: true')),
    );
    expect(declaration.nodes[0]).toMatchObject({ name: 'cp-1', hostname: 'cp-1' });
    expect(warnings).toMatchObject([{ code: 'older-form', path: '/nodes/0/name', want: 'hostname', line: 3 }]);
  });

  test('the kubelet’s settings of 1.14 are fields of its configuration', () => {
    const { declaration, warnings } = acceptedWithWarnings(document(options('kubelet', oldKubelet)));
    expect(declaration.options.kubelet).toMatchObject({
      config: { clusterDomain: 'neco.local', failSwapOn: false, containerLogMaxSize: '1000', containerLogMaxFiles: 3 },
      cri_endpoint: 'unix:///var/run/k8s.sock',
    });
    expect(warnings.map(({ want }) => want)).toEqual([
      'options.kubelet.config.clusterDomain',
      'options.kubelet.config.failSwapOn',
      'options.kubelet.config.containerLogMaxSize',
      'options.kubelet.config.containerLogMaxFiles',
      'nothing: there is no other runtime',
      'cri_endpoint',
    ]);
  });

  test.each([
    { entry: '--disable-admission-plugins=Initializers', left: [] },
    { entry: '--enable-admission-plugins=PodSecurityPolicy', left: [] },
    {
      entry: '--enable-admission-plugins=PodNodeSelector,PodSecurityPolicy',
      left: ['--enable-admission-plugins=PodNodeSelector'],
    },
    { entry: '--enable-admission-plugins=PodNodeSelector', left: ['--enable-admission-plugins=PodNodeSelector'] },
  ])('$entry: Kubernetes has it no longer', ({ entry, left }) => {
    const { declaration, warnings } = acceptedWithWarnings(document(options('kube-api', `extra_args: ['${entry}']`)));
    expect(declaration.options['kube-api'].extra_args).toEqual(left);
    expect(warnings.length).toBe(entry === left[0] ? 0 : 1);
  });

  test('constraints with hyphens, as ckecli has them', () => {
    const { declaration, warnings } = acceptedWithWarnings(document({ x: 'constraints: {minimum-workers-rate: 50}' }));
    expect(declaration.constraints.minimum_workers_rate).toBe(50);
    expect(warnings).toMatchObject([{ want: 'minimum_workers_rate' }]);
  });

  test('a backup that is switched off means nothing', () => {
    const old = 'etcd_backup: {enabled: false, pvc_name: etcdbackup-pvc, schedule: "* * * * *", rotate: 14}';
    const { declaration, warnings } = acceptedWithWarnings(document({ x: old }));
    expect(declaration.etcd_backup).toBeUndefined();
    expect(warnings).toMatchObject([{ code: 'older-form', path: '/etcd_backup' }]);
  });

  test('node CIDRs by extra_args, as CKE’s tutorial has them, overlapping the nodes', () => {
    const args = 'extra_args: [--flex-volume-plugin-dir=/v, --allocate-node-cidrs=true, --cluster-cidr=10.0.0.0/16]';
    const { warnings } = acceptedWithWarnings(document(options('kube-controller-manager', args)));
    expect(warnings.map(({ code }) => code)).toEqual(['older-form', 'address-in-subnet']);
  });
});
