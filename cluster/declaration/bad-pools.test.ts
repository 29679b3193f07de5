import { describe } from 'vitest';
import { bad, judge } from './testing/bad-input.ts';
import { document, worker } from './testing/minimal.ts';

const member = worker('address: 10.0.0.21, user: cke, pool: gpu');
const pools = (...entries: string[]) => document({ ...member, pools: `pools: [${entries.join(', ')}]` });
const kubelet = (fields: string) => pools(`{name: gpu, kubelet: {${fields}}}`);
const proxy = (fields: string) => pools(`{name: gpu, kube-proxy: {${fields}}}`);
const config = (fields: string) =>
  kubelet(`config: {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, ${fields}}`);
const cni = (subnet: string) =>
  `cni_conf_file: {name: a.conf, content: '{"name":"a","type":"bridge","ipam":{"subnet":"${subnet}"}}'}`;

// prettier-ignore
const cases = [
  bad('pool', 'a node names a pool that is not there', { source: pools('{name: gpu-a}'), code: 'unknown-pool', path: '/nodes/1/pool', says: /one of gpu-a/ }),
  bad('pool', 'its name is mistyped', { source: pools('{name: gpus}'), code: 'unknown-pool', path: '/nodes/1/pool', says: /did you mean gpus/ }),
  bad('pool', 'there are no pools', { source: document(member), code: 'unknown-pool', path: '/nodes/1/pool', says: /declare it in pools/ }),
  bad('pool', 'two of one name', { source: pools('{name: gpu}', '{name: gpu}'), code: 'duplicate', path: '/pools/1/name', says: /each name once/ }),
  bad('pool', 'a name with capitals', { source: pools('{name: gpu}', '{name: GPU}'), code: 'invalid-name', path: '/pools/1/name' }),
  bad('pool', 'no name', { source: pools('{labels: {}}'), code: 'required', path: '/pools/0/name' }),
  bad('pool', 'a setting of another component', { source: pools('{name: gpu, rivers: {}}'), code: 'unknown-field', path: '/pools/0/rivers' }),
  bad('pool', 'a managed flag of kubelet', { source: kubelet('extra_args: [--config=/a]'), code: 'managed-flag', path: '/pools/0/kubelet/extra_args/0' }),
  bad('pool', 'a forbidden flag of kubelet', { source: kubelet('extra_args: [--anonymous-auth=true]'), code: 'forbidden-flag', path: '/pools/0/kubelet/extra_args/0' }),
  bad('pool', 'a managed flag of kube-proxy', { source: proxy('extra_args: [--hostname-override=a]'), code: 'managed-flag', path: '/pools/0/kube-proxy/extra_args/0' }),
  bad('pool', 'a flag twice', { source: kubelet('extra_args: [--v=1, --v=2]'), code: 'repeated-flag', path: '/pools/0/kubelet/extra_args/1' }),
  bad('pool', 'a bind of the Docker socket', { source: kubelet('extra_binds: [{source: /run/docker.sock, destination: /d}]'), code: 'forbidden-mount', path: '/pools/0/kubelet/extra_binds/0/source' }),
  bad('pool', 'a bind over a managed path', { source: proxy('extra_binds: [{source: /a, destination: /lib/modules}]'), code: 'forbidden-mount', path: '/pools/0/kube-proxy/extra_binds/0/destination' }),
  bad('pool', 'a variable that changes which code runs', { source: kubelet('extra_env: {LD_PRELOAD: /a}'), code: 'env-not-allowed', path: '/pools/0/kubelet/extra_env/LD_PRELOAD' }),
  bad('pool', 'another kind of configuration', { source: kubelet('config: {apiVersion: v1, kind: KubeletConfiguration}'), code: 'invalid-choice', path: '/pools/0/kubelet/config/apiVersion' }),
  bad('pool', 'a mode that kube-proxy has no more', { source: proxy('config: {apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: userspace}'), code: 'invalid-proxy-mode', path: '/pools/0/kube-proxy/config/mode' }),
  bad('pool', 'a domain of its own', { source: config('clusterDomain: a.org'), code: 'managed-field', path: '/pools/0/kubelet/config/clusterDomain', says: /a cluster has one domain/ }),
  bad('pool', 'DNS outside the Services', { source: config('clusterDNS: [10.9.9.9]'), code: 'dns-address', path: '/pools/0/kubelet/config/clusterDNS/0' }),
  bad('pool', 'a pod CIDR where there is none', { source: kubelet(cni('$POD_CIDR')), code: 'required', path: '/pod_subnet', says: /cni_conf_file uses/ }),
  bad('pool', 'kube-proxy disabled in a pool', { source: proxy('disable: true'), code: 'unknown-field', path: '/pools/0/kube-proxy/disable' }),
  bad('pool', 'a bad effect of a taint', { source: pools('{name: gpu, taints: [{key: a, effect: Never}]}'), code: 'invalid-choice', path: '/pools/0/taints/0/effect' }),
  bad('pool', 'a bad label', { source: pools('{name: gpu, labels: {a: "b c"}}'), code: 'invalid-label-value', path: '/pools/0/labels/a' }),
];

describe('a pool is bad', () => {
  judge(cases);
});
