import type { Json } from '../../declaration/service-options.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { BuiltInInput } from './built-in-objects.ts';
import { corednsPorts } from './corefile.ts';
import { builtIn, corednsSelector, dnsNames } from './labels.ts';

/** User and group of the image: nobody in particular. */
const user = 65532;

/** How long a pod stays on a node that does not answer any more, in seconds: names are wanted sooner than after the usual 300. */
const absenceSeconds = 30;

/** CoreDNS: its replicas never on one node, spread over zones where nodes have them. */
export function corednsDeployment({ declaration }: BuiltInInput): KubernetesObject {
  const labels = { ...corednsSelector, 'k8s-app': 'coredns' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: dnsNames.app, namespace: 'kube-system', labels: builtIn },
    spec: {
      replicas: Math.min(2, declaration.nodes.length),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: corednsSelector },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: dnsNames.account,
          priorityClassName: 'system-cluster-critical',
          dnsPolicy: 'Default',
          enableServiceLinks: false,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations,
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: corednsSelector }, topologyKey: 'kubernetes.io/hostname' },
              ],
            },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: corednsSelector },
            },
          ],
          containers: [coredns(declaration.images.coredns)],
          volumes: [
            { name: 'config', configMap: { name: dnsNames.app, items: [{ key: 'Corefile', path: 'Corefile' }] } },
          ],
        },
      },
    },
  };
}

const tolerations: Json[] = [
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'cke.cybozu.com/master', operator: 'Exists' },
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
  ...['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: absenceSeconds,
  })),
];

function coredns(image: string): Json {
  return {
    name: 'coredns',
    image,
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: [
      { name: 'dns', containerPort: corednsPorts.dns, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: corednsPorts.dns, protocol: 'TCP' },
      { name: 'metrics', containerPort: corednsPorts.metrics, protocol: 'TCP' },
    ],
    resources: { requests: { cpu: '50m', memory: '100Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: corednsPorts.ready }, periodSeconds: 3 },
    livenessProbe: {
      httpGet: { path: '/health', port: corednsPorts.health },
      initialDelaySeconds: 60,
      failureThreshold: 5,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsGroup: user,
      runAsNonRoot: true,
      runAsUser: user,
    },
    volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
  };
}
