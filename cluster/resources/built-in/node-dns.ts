import type { Declaration } from '../../declaration/declaration.ts';
import type { Json } from '../../declaration/service-options.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { BuiltInInput } from './built-in-objects.ts';
import { builtIn, dnsNames } from './labels.ts';
import { unboundConf, unboundPaths } from './unbound-conf.ts';
import { nodeAddressVariable, reloadUnbound, startUnbound } from './unbound-scripts.ts';

const name = dnsNames.cache;
const namespace = 'kube-system';
const selector = { 'cke.cybozu.com/appname': name } as const;

/** The DNS cache of each node, on port 53 of its address: kubelets tell pods to ask there. */
export function nodeDns(input: BuiltInInput): KubernetesObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels: builtIn },
      data: { 'unbound.conf': unboundConf(input) },
    },
    daemonSet(input),
  ];
}

/**
 * The next pod of a node starts before the last one ends: both listen (SO_REUSEPORT), so that no question meets a closed door. The
 * pod template says nothing of the configuration, which changes without a restart.
 */
function daemonSet({ declaration }: BuiltInInput): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels: builtIn },
    spec: {
      selector: { matchLabels: selector },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '35%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: { ...selector, 'k8s-app': 'unbound' } },
        spec: {
          hostNetwork: true,
          dnsPolicy: 'Default',
          priorityClassName: 'system-node-critical',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 1,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          containers: containers(declaration),
          volumes: [
            { name: 'config', configMap: { name, items: [{ key: 'unbound.conf', path: 'unbound.conf' }] } },
            { name: 'run', emptyDir: { medium: 'Memory' } },
          ],
        },
      },
    },
  };
}

const runMount = { name: 'run', mountPath: '/run/unbound' } as const;

function containers({ images, dns_exporter }: Declaration): Json[] {
  const image = images.unbound;
  const volumeMounts = [{ name: 'config', mountPath: '/etc/unbound', readOnly: true }, runMount];
  const probe = { tcpSocket: { port: 53 }, timeoutSeconds: 2 };
  return [
    {
      name: 'unbound',
      image,
      command: ['sh', '-c', startUnbound],
      env: [{ name: nodeAddressVariable, valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
      resources: { requests: { cpu: '50m', memory: '100Mi' } },
      readinessProbe: { ...probe, periodSeconds: 3 },
      livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
      securityContext: securityContext(['NET_BIND_SERVICE']),
      volumeMounts,
    },
    {
      name: 'reload',
      image,
      command: ['sh', '-c', reloadUnbound],
      resources: { requests: { cpu: '5m', memory: '10Mi' } },
      securityContext: securityContext([]),
      volumeMounts,
    },
    ...(dns_exporter ? [exporter(images['unbound-exporter'])] : []),
  ];
}

/** It shares its port, too. That is not declared: the scheduler would find no place for the next pod beside the one that has it. */
const exporter = (image: string): Json => ({
  name: 'exporter',
  image,
  args: [`-unbound.host=unix://${unboundPaths.control}`, '-web.reuse-port=true'],
  resources: { requests: { cpu: '5m', memory: '20Mi' } },
  securityContext: securityContext([]),
  volumeMounts: [runMount],
});

const securityContext = (add: string[]): Json => ({
  allowPrivilegeEscalation: false,
  capabilities: { ...(add.length > 0 && { add }), drop: ['ALL'] },
  readOnlyRootFilesystem: true,
});
