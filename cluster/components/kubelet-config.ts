import type { NodeDeclaration } from '../declaration/declaration.ts';
import type { ConfigDocument, Json, KubeletOptions, Taint } from '../declaration/service-options.ts';
import { configText } from './component-config.ts';

/** Files of the kubelet. CKE's /etc/kubernetes/pki/ca.crt is the API server's here: two components don't share a file. */
export const kubeletPaths = {
  configuration: '/etc/kubernetes/kubelet/config.yml',
  kubeconfig: '/etc/kubernetes/kubelet/kubeconfig',
  authority: '/etc/kubernetes/kubelet/ca.crt',
  pair: '/etc/kubernetes/pki/kubelet',
  /** Its home directory, below which it looks for logins of registries as Docker does. */
  home: '/etc/kubernetes/kubelet/registries',
} as const;

/**
 * Text of the KubeletConfiguration, by the rules of reference §1.7. The cgroup driver is the user's or, where the runtime
 * tells it, the runtime's.
 */
export function kubeletConfig(options: KubeletOptions, node: NodeDeclaration): string {
  const { config, boot_taints, cri_endpoint } = options;
  const taints = registeredTaints(config, boot_taints);
  return configText({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    defaults: {
      clusterDomain: 'cluster.local',
      healthzBindAddress: '0.0.0.0',
      readOnlyPort: 0,
      runtimeRequestTimeout: '15m',
      volumePluginDir: '/opt/volume/bin',
    },
    declared: config,
    forced: {
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: kubeletPaths.authority },
      },
      authorization: { mode: 'Webhook' },
      // Pods ask the cache of their node.
      clusterDNS: [node.address],
      containerRuntimeEndpoint: runtimeUrl(cri_endpoint),
      ...(taints.length > 0 && { registerWithTaints: taints }),
      tlsCertFile: `${kubeletPaths.pair}.crt`,
      tlsPrivateKeyFile: `${kubeletPaths.pair}.key`,
    },
  });
}

/** A CRI endpoint as a URL: CKE took the bare path of a socket. The kubelet's container has the node's /run, and perhaps no /var/run. */
export function runtimeUrl(criEndpoint: string): string {
  const url = criEndpoint.includes('://') ? criEndpoint : `unix://${criEndpoint}`;
  return url.replace(/^unix:\/\/\/var\/run\//, 'unix:///run/');
}

/** The user's list with the boot taints; of two with one key the boot taint holds. */
function registeredTaints(config: ConfigDocument | undefined, bootTaints: Taint[]): Json[] {
  const declared = config?.['registerWithTaints'];
  const booted = new Set(bootTaints.map(({ key }) => key));
  const kept = Array.isArray(declared) ? declared.filter((taint) => !booted.has(keyOf(taint))) : [];
  return [...kept, ...bootTaints.map(({ key, value, effect }) => ({ key, value, effect }))];
}

function keyOf(taint: Json): string {
  if (typeof taint !== 'object' || taint === null || Array.isArray(taint)) return '';
  return typeof taint['key'] === 'string' ? taint['key'] : '';
}
