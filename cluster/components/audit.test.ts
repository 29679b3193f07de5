import { describe, expect, test } from 'vitest';
import { accepted, document, options } from '../declaration/testing/minimal.ts';
import { kubeApiserverSpec } from './kube-apiserver.ts';
import type { ComponentSpec } from './spec.ts';

const policy = '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}';

function apiServer(fields: string): ComponentSpec {
  const declaration = accepted(document(options('kube-api', fields)));
  const [node] = declaration.nodes;
  if (node === undefined) throw new Error('no node');
  return kubeApiserverSpec(declaration, node);
}

const audited = (more: string) => apiServer(`audit_log_enabled: true, audit_log_policy: "${policy}"${more}`);

const flags = ({ container: { command } }: ComponentSpec) =>
  command.filter((argument) => argument.startsWith('--audit'));
const logMounts = ({ container: { mounts } }: ComponentSpec) =>
  mounts
    .filter(({ destination }) => destination.startsWith('/var/log'))
    .map(({ source, destination, access }) => [source, destination, access]);
const policyOf = ({ files }: ComponentSpec) => files.find(({ path }) => path.endsWith('audit-policy.yaml'));

describe('the audit log of an API server', () => {
  test('is off by default: no flag, no policy, no directory', () => {
    const spec = apiServer('audit_log_enabled: false');
    expect([flags(spec), policyOf(spec), logMounts(spec)]).toEqual([[], undefined, []]);
  });

  test('on standard output it is not rotated by us, and needs no directory', () => {
    const spec = audited('');
    expect(flags(spec)).toEqual([
      '--audit-log-path=-',
      '--audit-policy-file=/etc/kubernetes/apiserver/audit-policy.yaml',
    ]);
    expect(logMounts(spec)).toEqual([]);
    expect(policyOf(spec)).toMatchObject({ content: 'text', text: policy, mode: '0600' });
  });

  test('in a file it is rotated, and its directory is the node’s', () => {
    const spec = audited(', audit_log_path: /var/log/kubernetes/audit.log');
    expect(flags(spec)).toEqual([
      '--audit-log-path=/var/log/kubernetes/audit.log',
      '--audit-policy-file=/etc/kubernetes/apiserver/audit-policy.yaml',
      '--audit-log-maxage=30',
      '--audit-log-maxbackup=10',
      '--audit-log-maxsize=100',
    ]);
    expect(logMounts(spec)).toEqual([['/var/log/kubernetes', '/var/log/kubernetes', 'rw']]);
  });

  test('arguments of the declaration have the last word on its rotation', () => {
    const spec = audited(', audit_log_path: /var/log/audit.log, extra_args: ["--audit-log-maxsize=5"]');
    expect(flags(spec).filter((flag) => flag.startsWith('--audit-log-maxsize'))).toEqual([
      '--audit-log-maxsize=100',
      '--audit-log-maxsize=5',
    ]);
  });

  test('a bind of the declaration that holds its directory takes the place of ours', () => {
    const bind = 'extra_binds: [{source: /data/log, destination: /var/log, read_only: false}]';
    const spec = audited(`, audit_log_path: /var/log/kubernetes/audit.log, ${bind}`);
    expect(logMounts(spec)).toEqual([['/data/log', '/var/log', 'rw']]);
  });
});
