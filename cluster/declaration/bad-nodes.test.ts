import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, fleet, nodes, worker } from './testing/minimal.ts';

const manyLabels = Array.from({ length: 60_000 }, (_, index) => `l${index}: a`).join(', ');
const key = `SHA256:${'A1b2'.repeat(10)}xyz`;

// One line per bad input, with its number in the list of bad inputs.
// prettier-ignore
const cases = [
  bad('12', 'no nodes', { source: document({ nodes: 'nodes: []' }), code: 'too-few', path: '/nodes', says: /at least 1/, }),
  bad('13', 'no control plane', { source: document(fleet(0, 2)), code: 'control-plane-count', says: /1, 3, 5 or 7/ }),
  bad('14', '2 control planes', { source: document(fleet(2)), code: 'control-plane-count', says: /even.*1 or 3/ }),
  bad('14', '4 control planes', { source: document(fleet(4)), code: 'control-plane-count', says: /3 or 5/ }),
  bad('14', '6 control planes', { source: document(fleet(6)), code: 'control-plane-count', says: /5 or 7/ }),
  bad('14', '9 control planes', { source: document(fleet(9)), code: 'control-plane-count', says: /too many/ }),
  bad('14', 'another number than the constraint', { source: document({ x: 'constraints: {control_plane_count: 3}' }), code: 'control-plane-count', }),
  bad('15', 'same address twice', { source: document(worker('address: 10.0.0.11, user: cke')), code: 'duplicate-address', path: '/nodes/1/address', says: /nodes\/0 and nodes\/1/, }),
  bad('16', 'same address, once mapped into IPv6', { source: document(worker("address: '::ffff:10.0.0.11', user: cke")), code: 'duplicate-address', says: /canonicalisation/, }),
  bad('17', 'leading zero', { source: document(worker('address: 010.0.0.1, user: cke')), code: 'address-not-canonical', says: /10\.0\.0\.1.*non-canonical IPv4/, }),
  bad('18', '10.0.0.256', { source: document(worker('address: 10.0.0.256, user: cke')), code: 'invalid-address' }),
  bad('18', '1.2.3', { source: document(worker('address: 1.2.3, user: cke')), code: 'invalid-address' }),
  bad('19', 'loopback', { source: document(worker('address: 127.0.0.1, user: cke')), code: 'address-class', says: /loopback/, }),
  bad('19', 'unspecified', { source: document(worker('address: 0.0.0.0, user: cke')), code: 'address-class' }),
  bad('19', 'link-local', { source: document(worker('address: 169.254.1.1, user: cke')), code: 'address-class', says: /link-local/, }),
  bad('19', 'multicast', { source: document(worker('address: 224.0.0.1, user: cke')), code: 'address-class' }),
  bad('20', 'IPv6 zone id', { source: document(worker("address: 'fe80::1%eth0', user: cke")), code: 'scoped-address' }),
  bad('21', 'address inside the service subnet', { source: document(worker('address: 10.96.3.4, user: cke')), code: 'address-in-subnet', says: /service_subnet 10\.96\.0\.0\/16/, }),
  bad('21', 'address inside the pod subnet', { source: document({ ...worker('address: 10.244.3.4, user: cke'), x: 'pod_subnet: 10.244.0.0/16' }), code: 'address-in-subnet', says: /pod_subnet/, }),
  bad('22', 'host names that differ in case', { source: document(worker('address: 10.0.0.2, user: cke, hostname: CP-1')), code: 'duplicate-hostname', says: /case-insensitive/, }),
  bad('22', 'a host name that is another node’s address', { source: document(nodes('address: 10.0.0.1, user: a, control_plane: true', 'address: 10.0.0.2, user: a, hostname: 10.0.0.1')), code: 'duplicate-hostname', }),
  bad('23', 'host name with _', { source: document(worker('address: 10.0.0.2, user: cke, hostname: a_b')), code: 'invalid-hostname', says: /invalid character _/, }),
  bad('23', 'host name of 64 characters', { source: document(worker(`address: 10.0.0.2, user: cke, hostname: ${'a'.repeat(64)}`)), code: 'invalid-hostname', says: /64 characters/, }),
  bad('23', 'host name with trailing dot', { source: document(worker('address: 10.0.0.2, user: cke, hostname: a.')), code: 'invalid-hostname', says: /trailing dot/, }),
  bad('23', 'host name with a homoglyph', { source: document(worker('address: 10.0.0.2, user: cke, hostname: c\u0440-1')), code: 'invalid-hostname', says: /U\+0440/, }),
  bad('24', 'host name $(reboot)', { source: document(worker('address: 10.0.0.2, user: cke, hostname: $(reboot)')), code: 'invalid-hostname', says: /invalid character \$/, }),
  bad('24', 'host name ;rm', { source: document(worker('address: 10.0.0.2, user: cke, hostname: ;rm')), code: 'invalid-hostname', }),
  bad('24', 'host name with a newline', { source: document(worker('address: 10.0.0.2, user: cke, hostname: "a\\nb"')), code: 'invalid-hostname', says: /U\+000A/, }),
  bad('25', 'user root;id', { source: document(worker('address: 10.0.0.2, user: root;id')), code: 'invalid-text', says: /invalid user/, }),
  bad('25', 'user -oProxyCommand=x', { source: document(worker('address: 10.0.0.2, user: -oProxyCommand=x')), code: 'invalid-text', says: /dash/, }),
  bad('26', 'SSH port 0', { source: document(worker('address: 10.0.0.2, user: cke, ssh: {port: 0}')), code: 'out-of-range', path: '/nodes/1/ssh/port', }),
  bad('26', 'SSH port 65536', { source: document({ x: 'ssh: {port: 65536}' }), code: 'out-of-range', path: '/ssh/port' }),
  bad('26', 'SSH port "22 "', { source: document({ x: 'ssh: {port: "22 "}' }), code: 'wrong-type', says: /without quotes/, }),
  bad('27', 'malformed host key', { source: document(worker('address: 10.0.0.2, user: cke, ssh: {host_key: "SHA256:abc"}')), code: 'invalid-host-key', }),
  bad('27', 'MD5 fingerprint', { source: document(worker('address: 10.0.0.2, user: cke, ssh: {host_key: "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"}')), code: 'invalid-host-key', says: /SHA256 form/, }),
  bad('28', 'same host key on two nodes', { source: document(nodes(`address: 10.0.0.1, user: a, control_plane: true, ssh: {host_key: "${key}"}`, `address: 10.0.0.2, user: a, ssh: {host_key: "${key}"}`)), code: 'duplicate-host-key', path: '/nodes/1/ssh/host_key', }),
  bad('50', 'label name over 63 characters', { source: document(worker(`address: 10.0.0.2, user: cke, labels: {${'a'.repeat(64)}: x}`)), code: 'invalid-key', says: /64 characters/, }),
  bad('50', 'label value over 63 characters', { source: document(worker(`address: 10.0.0.2, user: cke, labels: {a: ${'a'.repeat(64)}}`)), code: 'invalid-label-value', path: '/nodes/1/labels/a', }),
  bad('50', 'taint key over 63 characters', { source: document(worker(`address: 10.0.0.2, user: cke, taints: [{key: ${'a'.repeat(64)}, effect: NoSchedule}]`)), code: 'invalid-key', }),
  bad('50', 'bad effect', { source: document(worker('address: 10.0.0.2, user: cke, taints: [{key: a, effect: NoShedule}]')), code: 'invalid-choice', says: /did you mean NoSchedule/, }),
  bad('51', 'tens of thousands of labels', { source: document(worker(`address: 10.0.0.2, user: cke, labels: {${manyLabels}}`)), code: 'too-many', says: /count limit/, }),
];

describe('a node is bad', () => {
  judge(cases);
});
