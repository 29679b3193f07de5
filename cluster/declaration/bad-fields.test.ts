import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, options, worker } from './testing/minimal.ts';

const pem = ['-----BEGIN', 'OPENSSH', 'PRIVATE KEY-----'].join(' ');

// One line per bad input, with its number in the list of bad inputs.
// prettier-ignore
const cases = [
  bad('10', 'unknown field nodez', { source: document({ x: 'nodez: []' }), code: 'unknown-field', path: '/nodez', says: /did you mean nodes/, }),
  bad('10', 'camel case', { source: document({ x: 'podSubnet: 10.1.0.0/16' }), code: 'unknown-field', says: /did you mean pod_subnet/, }),
  bad('10', 'unknown field in a component', { source: document(options('kubelet', 'extra_arg: []')), code: 'unknown-field', path: '/options/kubelet/extra_arg', says: /extra_args/, }),
  bad('11', 'apiVersion from the future', { source: document({ x: 'apiVersion: cke/v9' }), code: 'unsupported-schema', path: '/apiVersion', says: /cke\/v1/, }),
  bad('52', 'negative duration', { source: document({ x: 'reboot: {eviction_timeout_seconds: -1}' }), code: 'out-of-range', path: '/reboot/eviction_timeout_seconds', }),
  bad('52', 'zero duration', { source: document({ x: 'reconcile: {interval_seconds: 0}' }), code: 'out-of-range' }),
  bad('52', 'NaN', { source: document({ x: 'reconcile: {interval_seconds: .nan}' }), code: 'wrong-type' }),
  bad('52', '1e999', { source: document({ x: 'reconcile: {interval_seconds: 1e999}' }), code: 'wrong-type', says: /not infinite/, }),
  bad('52', '5 parsecs', { source: document({ x: 'reconcile: {interval_seconds: 5 parsecs}' }), code: 'wrong-type', says: /plain number/, }),
  bad('52', 'proxy interval of nothing', { source: document(options('rivers', 'extra_args: [--check-interval=0s]')), code: 'invalid-duration', }),
  bad('54', 'drain timeout of 10 years', { source: document({ x: 'repair: {eviction_timeout_seconds: 315360000}' }), code: 'out-of-range', says: /upper bound/, }),
  bad('61', 'a list of retired nodes beside nodes', { source: document({ x: 'retired: [cp-1]' }), code: 'unknown-field', says: /contradictory roles/, }),
  bad('64', 'encryption key as literal', { source: document({ x: 'encryption_key: c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=' }), code: 'secret-literal', path: '/encryption_key', says: /references/, }),
  bad('65', 'a private key pasted', { source: document({ x: `ssh_key: |\n  ${pem}\n  b3BlbnNzaC1rZXktdjE\n` }), code: 'secret', path: '/ssh_key', says: /private key/, }),
  bad('65', 'a token in an annotation', { source: document(worker('address: 10.0.0.2, user: cke, annotations: {note: "ghp_0123456789abcdefghijABCDEFGHIJ012345"}')), code: 'secret', path: '/nodes/1/annotations/note', }),
  bad('65', 'a long random text', { source: document(options('kubelet', 'extra_env: {HINT: "q8Zt4kVw1Xr7Lm2Pn9Bs6Yd3Hf5Jg0Ca"}')), code: 'secret', says: /random/, }),
  bad('65', 'a token in a comment', { source: `${document()}# hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrab\n`, code: 'secret', says: /comment in line 6/, }),
  bad('65', 'a password in an address', { source: document(options('kube-api', 'extra_env: {HTTPS_PROXY: "http://me:hunter22@proxy:3128"}')), code: 'secret', }),
  bad('69', 'certificates for 100 years', { source: document({ x: 'certificates: {lifetime_hours: 876000}' }), code: 'out-of-range', path: '/certificates/lifetime_hours', }),
  bad('69', 'certificates for a minute', { source: document({ x: 'certificates: {lifetime_hours: 0.016}' }), path: '/certificates/lifetime_hours', code: 'out-of-range', }),
  bad('69', 'certificates that are renewed for ever', { source: document({ x: 'certificates: {lifetime_hours: 24, renew_before_hours: 48}' }), code: 'invalid-duration', }),
  bad('70', 'a wildcard as a node’s name', { source: document(worker('address: 10.0.0.2, user: cke, hostname: "*.example.com"')), code: 'invalid-hostname', path: '/nodes/1/hostname', }),
  bad('70', 'the address of another node as a name', { source: document(worker('address: 10.0.0.2, user: cke, hostname: 10.0.0.11')), code: 'duplicate-hostname', path: '/nodes/1/hostname', }),
  bad('84', 'a flag as string "false"', { source: document({ x: 'taint_control_plane: "false"' }), code: 'wrong-type', says: /boolean expected/, }),
  bad('85', 'number as string', { source: document({ x: 'reconcile: {interval_seconds: "60"}' }), code: 'wrong-type', says: /without quotes/, }),
  bad('85', 'yes for true', { source: document(worker('address: 10.0.0.2, user: cke, control_plane: yes')), code: 'wrong-type', says: /YAML 1\.2 has only true and false/, }),
  bad('85', 'octal 0600', { source: document({ x: 'reconcile: {interval_seconds: 0600}' }), code: 'ambiguous-number', says: /octal/, }),
  bad('85', 'boolean as label value', { source: document(worker('address: 10.0.0.2, user: cke, labels: {gpu: true}')), code: 'wrong-type', says: /quotes/, }),
];

describe('a field is bad', () => {
  judge(cases);
});
