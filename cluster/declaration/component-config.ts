import { z } from 'zod';
import { placed } from './field.ts';
import type { PlacedFinding } from './field.ts';
import { isDnsSubdomain } from './kubernetes-names.ts';
import { taintSchema } from './node-schema.ts';

function configDocument({ apiVersion, kind }: { apiVersion: string; kind: string }) {
  return z.object({ apiVersion: z.literal(apiVersion), kind: z.literal(kind) }).catchall(z.json());
}

type Config = z.output<ReturnType<typeof configDocument>>;

export const kubeletConfig = placed(
  configDocument({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }),
  (config) => [...domainFindings(config), ...registeredTaintFindings(config)],
);

export const proxyConfig = placed(
  configDocument({ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' }),
  proxyModeFindings,
);

export const schedulerConfig = configDocument({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
});

function domainFindings({ clusterDomain }: Config): PlacedFinding[] {
  if (clusterDomain === undefined || (typeof clusterDomain === 'string' && isDnsSubdomain(clusterDomain))) return [];
  const finding = {
    code: 'invalid-domain',
    want: 'a DNS domain such as cluster.local',
    hint: 'lower-case, no dot at the end',
  };
  return [{ at: ['clusterDomain'], finding }];
}

function registeredTaintFindings({ registerWithTaints }: Config): PlacedFinding[] {
  if (registerWithTaints === undefined) return [];
  if (z.array(taintSchema).safeParse(registerWithTaints).success) return [];
  const finding = { code: 'invalid-taint', want: 'a list of taints: key, value, effect', hint: 'as in nodes[].taints' };
  return [{ at: ['registerWithTaints'], finding }];
}

const proxyModes = ['iptables', 'ipvs', 'nftables'];

function proxyModeFindings({ mode }: Config): PlacedFinding[] {
  if (mode === undefined || mode === '' || (typeof mode === 'string' && proxyModes.includes(mode))) return [];
  const hint =
    mode === 'userspace'
      ? 'Kubernetes has removed userspace: nftables is the modern choice'
      : 'nftables is the modern choice';
  return [{ at: ['mode'], finding: { code: 'invalid-proxy-mode', want: proxyModes.join(', '), hint } }];
}
