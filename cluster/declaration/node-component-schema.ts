import { z } from 'zod';
import { cniConfFindings } from './cni-conf.ts';
import { kubeletConfig, proxyConfig } from './component-config.ts';
import { checked, matching, placed, strict } from './field.ts';
import type { PlacedFinding } from './field.ts';
import { pathFinding } from './mounts.ts';
import { taintSchema } from './node-schema.ts';
import type { Finding } from './problem.ts';
import { serviceParams } from './service-schema.ts';

const bootTaints = z.array(taintSchema).max(100).describe('Taints that a node registers with.');
const criEndpoint = checked(z.string(), criFinding).describe('Socket of the container runtime for pods.');
const inPlaceUpdate = z.boolean().describe('Whether a running, outdated kubelet is restarted.');
const cniConfFile = placed(
  strict({
    name: matching(/^[0-9A-Za-z_.-]{1,128}$/, { want: 'a file name', hint: 'letters, digits, _, . and -' }).describe(
      'File name in /etc/cni/net.d.',
    ),
    content: z.string().describe('JSON of the file; `$POD_CIDR` stands for the node’s pod CIDR.'),
  }),
  cniConfFindings,
).describe('CNI configuration that each node gets.');

/** `options.kubelet`. */
export const kubeletSchema = strict({
  ...serviceParams('kubelet'),
  boot_taints: bootTaints.default([]),
  cni_conf_file: cniConfFile.exactOptional(),
  config: kubeletConfig.exactOptional().describe('Partial KubeletConfiguration, merged over our defaults.'),
  cri_endpoint: criEndpoint.default('/run/containerd/containerd.sock'),
  in_place_update: inPlaceUpdate.default(true),
});

/** `options.kube-proxy`. */
export const kubeProxySchema = strict({
  ...serviceParams('kube-proxy'),
  disable: z.boolean().default(false).describe('Whether kube-proxy is left out (the network plug-in does its work).'),
  config: proxyConfig.exactOptional().describe('Partial KubeProxyConfiguration, merged over our defaults.'),
});

/** `pools[].kubelet`: what is absent is as in `options.kubelet`. */
export const poolKubeletSchema = strict({
  ...serviceParams('kubelet'),
  boot_taints: bootTaints.exactOptional(),
  cni_conf_file: cniConfFile.exactOptional(),
  config: placed(kubeletConfig, domainFindings)
    .exactOptional()
    .describe('Partial KubeletConfiguration, merged over that of `options.kubelet`.'),
  cri_endpoint: criEndpoint.exactOptional(),
  in_place_update: inPlaceUpdate.exactOptional(),
});

/** `pools[].kube-proxy`: what is absent is as in `options.kube-proxy`. Whether there is one is no matter of a pool. */
export const poolKubeProxySchema = strict({
  ...serviceParams('kube-proxy'),
  config: proxyConfig.exactOptional().describe('Partial KubeProxyConfiguration, merged over that of the cluster.'),
});

function domainFindings({ clusterDomain }: z.output<typeof kubeletConfig>): PlacedFinding[] {
  return clusterDomain === undefined ? [] : [{ at: ['clusterDomain'], finding: domainOfPool }];
}

const domainOfPool: Finding = {
  code: 'managed-field',
  want: 'no clusterDomain in a pool',
  hint: 'a cluster has one domain, which certificates and DNS carry: options.kubelet.config.clusterDomain',
};

function criFinding(text: string): Finding | undefined {
  const path = text.replace(/^unix:\/\//, '');
  return (
    pathFinding(path) && {
      code: 'invalid-socket',
      want: 'an absolute path, or unix:///path',
      hint: 'for example /run/containerd/containerd.sock',
    }
  );
}
