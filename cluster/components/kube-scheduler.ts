import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { configText } from './component-config.ts';
import { container, fileRoot } from './container.ts';
import { kubeconfigFile, textFile } from './files.ts';
import type { ComponentSpec } from './spec.ts';

const directory = '/etc/kubernetes/scheduler';
const kubeconfig = `${directory}/kubeconfig`;
const configuration = `${directory}/config.yml`;

/** The scheduler of a control plane. Like the controller-manager it makes its serving certificate for itself. */
export function kubeSchedulerSpec(declaration: Declaration): ComponentSpec {
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
      ],
      params: options,
      mounts: [fileRoot('/etc/kubernetes')],
    }),
    root: '/etc/kubernetes',
    files: [
      kubeconfigFile(kubeconfig, declaration, certificateRequest({ kind: 'scheduler', declaration })),
      textFile(configuration, config),
    ],
  };
}
