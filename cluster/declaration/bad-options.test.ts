import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, options } from './testing/minimal.ts';

// One line per bad input, with its number in the list of bad inputs.
// prettier-ignore
const cases = [
  bad('43', 'extra arg --data-dir', { source: document(options('etcd', 'extra_args: [--data-dir=/tmp]')), code: 'managed-flag', path: '/options/etcd/extra_args/0', }),
  bad('43', 'a managed flag with one dash', { source: document(options('etcd', 'extra_args: [-data-dir=/tmp]')), code: 'one-flag-per-entry', }),
  bad('43', 'a managed flag with underscores', { source: document(options('kube-api', 'extra_args: [--etcd_servers=http://x]')), code: 'managed-flag', }),
  bad('43', 'a managed setting by etcd’s environment', { source: document(options('etcd', 'extra_env: {ETCD_DATA_DIR: /tmp}')), code: 'env-not-allowed', }),
  bad('44', '--force-new-cluster', { source: document(options('etcd', 'extra_args: [--force-new-cluster]')), code: 'forbidden-flag', }),
  bad('44', '--unsafe-no-fsync', { source: document(options('etcd', 'extra_args: [--unsafe-no-fsync=true]')), code: 'forbidden-flag', }),
  bad('44', '--strict-reconfig-check=false', { source: document(options('etcd', 'extra_args: [--strict-reconfig-check=false]')), code: 'forbidden-flag', }),
  bad('45', 'extra arg with a newline', { source: document(options('kubelet', 'extra_args: ["--v=2\\n--x=y"]')), code: 'control-character', }),
  bad('45', 'extra arg with NUL', { source: document(options('kubelet', 'extra_args: ["--v=2\\0"]')), code: 'control-character', }),
  bad('46', 'extra arg given twice', { source: document(options('kubelet', 'extra_args: [--v=2, --v=4]')), code: 'repeated-flag', path: '/options/kubelet/extra_args/1', }),
  bad('46', '--flag value in one entry', { source: document(options('kubelet', 'extra_args: [--v 2]')), code: 'one-flag-per-entry', }),
  bad('46', 'two flags in one entry', { source: document(options('kubelet', 'extra_args: [--v=2 --config=/x]')), code: 'one-flag-per-entry', }),
  bad('46', 'a value on its own', { source: document(options('kubelet', 'extra_args: [--v, "2"]')), code: 'one-flag-per-entry', }),
  bad('47', 'env LD_PRELOAD', { source: document(options('kubelet', 'extra_env: {LD_PRELOAD: /x.so}')), code: 'env-not-allowed', }),
  bad('47', 'env A=B', { source: document(options('kubelet', 'extra_env: {"A=B": x}')), code: 'invalid-env-name' }),
  bad('48', 'bind of the Docker socket', { source: document(options('kubelet', 'extra_binds: [{source: /var/run/docker.sock, destination: /d}]')), code: 'forbidden-mount', path: '/options/kubelet/extra_binds/0/source', }),
  bad('48', 'bind of /', { source: document(options('kubelet', 'extra_binds: [{source: /, destination: /host}]')), code: 'forbidden-mount', }),
  bad('48', 'relative bind', { source: document(options('rivers', 'extra_binds: [{source: a/b, destination: /d}]')), code: 'path-not-absolute', }),
  bad('48', 'bind with ..', { source: document(options('kubelet', 'extra_binds: [{source: /a/../etc, destination: /d}]')), code: 'path-not-clean', }),
  bad('48', 'bind over a managed path', { source: document(options('kube-api', 'extra_binds: [{source: /a, destination: /etc/kubernetes/pki}]')), code: 'forbidden-mount', says: /managed/, }),
  bad('49', 'bind source with :', { source: document(options('kubelet', 'extra_binds: [{source: "/a:/b", destination: /d}]')), code: 'path-delimiter', }),
  bad('49', 'bind source with ,', { source: document(options('kubelet', 'extra_binds: [{source: "/a,b", destination: /d}]')), code: 'path-delimiter', }),
  bad('53', 'heartbeat 1000, election 1000', { source: document(options('etcd', 'extra_args: [--heartbeat-interval=1000, --election-timeout=1000]')), code: 'etcd-timing', says: /at least 5 times/, }),
  bad('63', 'kms without an address of Vault', { source: document({ x: 'secrets_encryption: {provider: kms}' }), code: 'required', path: '/secrets_encryption/vault', says: /control planes reach it/, }),
  bad('63', 'an address of Vault without kms', { source: document({ x: 'secrets_encryption: {provider: secretbox, vault: {address: "https://10.0.0.5:8200"}}' }), code: 'conflict', path: '/secrets_encryption/vault', }),
  bad('66', 'Vault in clear text', { source: document({ x: 'secrets_encryption: {provider: kms, vault: {address: "http://10.0.0.5:8200"}}' }), code: 'invalid-url', path: '/secrets_encryption/vault/address', }),
  bad('66', 'Vault on the control plane’s own loopback', { source: document({ x: 'secrets_encryption: {provider: kms, vault: {address: "https://127.0.0.1:8200"}}' }), code: 'denied-target', path: '/secrets_encryption/vault/address', }),
  bad('67', 'the path of a CA in place of the CA', { source: document({ x: 'secrets_encryption: {provider: kms, vault: {address: "https://10.0.0.5:8200", ca: /etc/ca.crt}}' }), code: 'invalid-text', path: '/secrets_encryption/vault/ca', }),
  bad('67', 'a CA of Vault that is cut off', { source: document({ x: `secrets_encryption: {provider: kms, vault: {address: "https://10.0.0.5:8200", ca: ${JSON.stringify('-----BEGIN CERTIFICATE-----\nMIIB\n')}}}` }), code: 'invalid-text', path: '/secrets_encryption/vault/ca', says: /truncated/, }),
  bad('43', 'a token for the plugin', { source: document(options('vault-kms', 'extra_args: [--token=hvs.x]')), code: 'forbidden-flag', }),
  bad('69', 'certificate TTL 100 y', { source: document({ x: 'certificates: {lifetime_hours: 876000}' }), code: 'out-of-range', path: '/certificates/lifetime_hours', says: /at most 87600/, }),
  bad('69', 'certificate TTL 1 min', { source: document({ x: 'certificates: {lifetime_hours: 0.0167}' }), code: 'out-of-range', path: '/certificates/lifetime_hours', says: /at least 0.02/, }),
  bad('69', 'certificate TTL in words', { source: document({ x: 'certificates: {lifetime_hours: 90d}' }), code: 'wrong-type', path: '/certificates/lifetime_hours', says: /unit/, }),
  bad('69', 'certificate TTL not a number', { source: document({ x: 'certificates: {lifetime_hours: .nan}' }), code: 'wrong-type', path: '/certificates/lifetime_hours', }),
  bad('69', 'certificate TTL negative', { source: document({ x: 'certificates: {lifetime_hours: -1}' }), code: 'out-of-range', }),
  bad('69', 'renewed when it has ended', { source: document({ x: 'certificates: {renew_before_hours: 0}' }), code: 'out-of-range', path: '/certificates/renew_before_hours', }),
  bad('69', 'renewed as soon as issued', { source: document({ x: 'certificates: {lifetime_hours: 100, renew_before_hours: 99}' }), code: 'invalid-duration', path: '/certificates/renew_before_hours', says: /two thirds/, }),
];

describe('an option of a component is bad', () => {
  judge(cases);
});
