import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, options } from './testing/minimal.ts';

// One line per bad input, with its number in the list of bad inputs.
// prettier-ignore
const cases = [
  bad('29', 'empty cluster name', { source: document({ name: 'name: ""' }), code: 'invalid-name' }),
  bad('29', 'cluster name ../x', { source: document({ name: 'name: ../x' }), code: 'invalid-name' }),
  bad('29', 'cluster name of 300 characters', { source: document({ name: `name: ${'a'.repeat(300)}` }), code: 'invalid-name', says: /300 characters/, }),
  bad('29', 'cluster name in upper case', { source: document({ name: 'name: Demo' }), code: 'invalid-name' }),
  bad('29', 'no cluster name', { source: document({ name: '' }), code: 'required', path: '/name' }),
  bad('31', 'service subnet /33', { source: document({ service_subnet: 'service_subnet: 10.0.0.0/33' }), code: 'invalid-subnet', }),
  bad('31', 'service subnet with host bits', { source: document({ service_subnet: 'service_subnet: 10.96.0.1/16' }), code: 'subnet-not-canonical', says: /10\.96\.0\.0\/16/, }),
  bad('32', 'service subnet /8', { source: document({ service_subnet: 'service_subnet: 11.0.0.0/8' }), code: 'subnet-size', says: /size bounds/, }),
  bad('32', 'service subnet /30', { source: document({ service_subnet: 'service_subnet: 10.96.0.0/30' }), code: 'subnet-size', says: /size bounds/, }),
  bad('33', 'pod and service subnet overlap', { source: document({ x: 'pod_subnet: 10.96.0.0/14' }), code: 'subnet-overlap', path: '/pod_subnet', }),
  bad('36', 'DNS address outside of the service subnet', { source: document({ x: 'cluster_dns_address: 10.97.0.10' }), code: 'dns-address', says: /must be inside/, }),
  bad('36', 'kubelet’s clusterDNS outside of the service subnet', { source: document(options('kubelet', 'config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, clusterDNS: [8.8.8.8]}')), code: 'dns-address', path: '/options/kubelet/config/clusterDNS/0', }),
  bad('37', 'version latest', { source: document({ x: 'kubernetes_version: latest' }), code: 'invalid-version' }),
  bad('37', 'version 1.35', { source: document({ x: 'kubernetes_version: 1.35' }), code: 'invalid-version', says: /three numbers/, }),
  bad('37', 'version v1.35.0-evil;', { source: document({ x: 'kubernetes_version: v1.35.0-evil;' }), code: 'invalid-version', }),
  bad('37', 'a minor that is not supported', { source: document({ x: 'kubernetes_version: 1.31.2' }), code: 'unsupported-version', says: /1\.33, 1\.34, 1\.35/, }),
  bad('40', 'etcd below the floor', { source: document({ x: 'images: {etcd: "quay.io/coreos/etcd:v3.5.9"}' }), code: 'etcd-version', says: /security floor/, }),
  bad('41', 'image without digest where digests are required', { source: document({ x: 'images: {require_digests: true}' }), code: 'digest-required', path: '/images/etcd', }),
  bad('41', 'image of another minor', { source: document({ x: 'images: {kube-apiserver: "registry.k8s.io/kube-apiserver:v1.33.1"}' }), code: 'image-version', }),
  bad('41', 'image with neither tag nor digest', { source: document({ x: 'images: {rivers: haproxy}' }), code: 'floating-image', }),
  bad('42', 'image registry/../../x', { source: document({ x: `images: {rivers: "registry/../../x@sha256:${'a'.repeat(64)}"}` }), code: 'invalid-image', says: /reference grammar/, }),
];

describe('a name, a network, a version or an image is bad', () => {
  judge(cases);
});
