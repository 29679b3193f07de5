import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { optionsOf } from '../declaration/pools.ts';
import type { KubeProxyOptions } from '../declaration/service-options.ts';
import { configText } from './component-config.ts';
import { bind, container, fileRoot } from './container.ts';
import { kubeconfigFile, textFile } from './files.ts';
import type { ComponentSpec } from './spec.ts';

const directory = '/etc/kubernetes/proxy';
const kubeconfig = `${directory}/kubeconfig`;
const configuration = `${directory}/config.yml`;

/** kube-proxy of a node, unless the declaration disables it. */
export function kubeProxySpec(declaration: Declaration, node: NodeDeclaration): ComponentSpec {
  const options = optionsOf(declaration, node)['kube-proxy'];
  return {
    component: 'kube-proxy',
    container: container({
      image: declaration.images['kube-proxy'],
      binary: 'kube-proxy',
      args: [`--config=${configuration}`],
      params: options,
      mounts: [fileRoot('/etc/kubernetes'), bind('/lib/modules', { access: 'ro', source_kind: 'created' })],
      tmpfs: ['/run'],
      privilege: 'privileged',
    }),
    root: '/etc/kubernetes',
    files: [
      kubeconfigFile(kubeconfig, declaration, certificateRequest({ kind: 'kube-proxy', declaration })),
      textFile(configuration, proxyConfig(options, declaration, node)),
    ],
  };
}

/** Without clusterCIDR kube-proxy can't tell traffic of pods from other traffic, and masquerades none. */
function proxyConfig({ config }: KubeProxyOptions, { pod_subnet }: Declaration, node: NodeDeclaration): string {
  return configText({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    defaults: {
      hostnameOverride: node.name,
      metricsBindAddress: '0.0.0.0',
      conntrack: { tcpEstablishedTimeout: '24h', tcpCloseWaitTimeout: '1h' },
      ...(pod_subnet !== undefined && { clusterCIDR: pod_subnet }),
    },
    declared: config,
    forced: { clientConnection: { kubeconfig } },
  });
}
