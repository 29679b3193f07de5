import type { KubernetesObject } from '../kubernetes-object.ts';
import type { BuiltInInput } from './built-in-objects.ts';
import { corednsDeployment } from './coredns-deployment.ts';
import { corefile } from './corefile.ts';
import { bootstrapping, builtIn, corednsSelector, dnsNames } from './labels.ts';

const namespace = 'kube-system';
const rbac = 'rbac.authorization.k8s.io';

/** The DNS of the cluster's own names: CoreDNS, two of it where there are two nodes, behind the Service `cluster-dns`. */
export function clusterDns(input: BuiltInInput): KubernetesObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: dnsNames.account, namespace, labels: builtIn },
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: dnsNames.role, labels: bootstrapping },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: dnsNames.role, labels: bootstrapping },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: dnsNames.role },
      subjects: [{ kind: 'ServiceAccount', name: dnsNames.account, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: dnsNames.app, namespace, labels: builtIn },
      data: { Corefile: corefile(input) },
    },
    service(input),
    disruptionBudget,
    corednsDeployment(input),
  ];
}

function service({ declaration }: BuiltInInput): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: dnsNames.app, namespace, labels: { ...builtIn, ...corednsSelector } },
    spec: {
      clusterIP: declaration.cluster_dns_address,
      selector: corednsSelector,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 'dns-tcp' },
      ],
    },
  };
}

/** One that does not serve may always be evicted: else the only node that takes it could never be drained. */
const disruptionBudget: KubernetesObject = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: `${dnsNames.app}-pdb`, namespace, labels: builtIn },
  spec: { maxUnavailable: 1, selector: { matchLabels: corednsSelector }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
};
