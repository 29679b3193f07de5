import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { configText } from './component-config.ts';
import { container, fileRoot } from './container.ts';
import { certificatePair, kubeconfigFile, textFile } from './files.ts';
import type { ComponentSpec } from './spec.ts';

const directory = '/etc/kubernetes/scheduler';
const kubeconfig = `${directory}/kubeconfig`;
const configuration = `${directory}/config.yml`;
const pair = `${directory}/scheduler`;

/** The scheduler of a control plane. One certificate is both its client's and that of its health endpoint. */
export function kubeSchedulerSpec(declaration: Declaration, node: NodeDeclaration): ComponentSpec {
  const certificate = certificateRequest({ kind: 'scheduler', declaration, node });
  const options = declaration.options['kube-scheduler'];
  const config = configText({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    defaults: { enableProfiling: false },
    declared: options.config,
    forced: { clientConnection: { kubeconfig }, leaderElection: { leaderElect: true } },
  });
  return {
    component: 'kube-scheduler',
    container: container({
      image: declaration.images['kube-scheduler'],
      binary: 'kube-scheduler',
      args: [
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        `--config=${configuration}`,
        `--tls-cert-file=${pair}.crt`,
        `--tls-private-key-file=${pair}.key`,
        '--tls-min-version=VersionTLS12',
      ],
      params: options,
      mounts: [fileRoot('/etc/kubernetes')],
    }),
    root: '/etc/kubernetes',
    files: [
      kubeconfigFile(kubeconfig, declaration, certificate),
      ...certificatePair(pair, certificate),
      textFile(configuration, config),
    ],
  };
}
