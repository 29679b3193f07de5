import { expect, test } from 'vitest';
import { accepted, document } from '../declaration/testing/minimal.ts';
import { cniConfiguration } from './cni.ts';

const plugin = (subnet: string) => `{"cniVersion":"0.4.0","name":"pods","type":"bridge","ipam":{"subnet":"${subnet}"}}`;
const file = (subnet: string) => ({
  pod_subnet: 'pod_subnet: 10.244.0.0/16',
  options: `options:\n  kubelet:\n    cni_conf_file:\n      name: 10-pods.conf\n      content: '${plugin(subnet)}'`,
});
const path = '/etc/cni/net.d/10-pods.conf';

test.each([
  ['none is declared', {}, '10.244.1.0/24', undefined],
  ['the node has its CIDR', file('$POD_CIDR'), '10.244.1.0/24', { path, text: plugin('10.244.1.0/24') }],
  ['the node has no CIDR yet', file('$POD_CIDR'), undefined, undefined],
  ['it names no CIDR of the node', file('10.9.0.0/16'), undefined, { path, text: plugin('10.9.0.0/16') }],
])('the CNI configuration when %s', (_, fields: Record<string, string>, podCidr, expected) => {
  expect(cniConfiguration({ declaration: accepted(document(fields)), node: {}, podCidr })).toEqual(expected);
});

test('a pool has a CNI configuration of its own', () => {
  const pool = `pools: [{name: gpu, kubelet: {cni_conf_file: {name: 20-gpu.conf, content: '${plugin('10.8.0.0/16')}'}}}]`;
  const declaration = accepted(document({ ...file('10.9.0.0/16'), pools: pool }));
  const textFor = (node: { pool?: string }) => cniConfiguration({ declaration, node, podCidr: undefined })?.text;
  expect([textFor({}), textFor({ pool: 'gpu' })]).toEqual([plugin('10.9.0.0/16'), plugin('10.8.0.0/16')]);
});
