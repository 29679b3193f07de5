import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration, NodeDeclaration } from '../declaration/declaration.ts';
import { bind, container, fileRoot } from './container.ts';
import { authorityFile, certificatePair, kubeconfigFile, textFile } from './files.ts';
import { kubeletConfig, kubeletPaths as paths } from './kubelet-config.ts';
import { optionsOf } from '../declaration/pools.ts';
import type { PrivateRegistry } from '../declaration/private-registries.ts';
import type { BindMount, ComponentSpec, FileSpec } from './spec.ts';

/**
 * The kubelet of a node, in a container that shares what it manages with the host. Labels and taints of the node are not
 * its business but ours (cluster/node-attributes): it could only add them when it registers the node.
 */
export function kubeletSpec(declaration: Declaration, node: NodeDeclaration): ComponentSpec {
  const { private_registries: registries } = declaration;
  const options = optionsOf(declaration, node).kubelet;
  const certificate = certificateRequest({ kind: 'kubelet', declaration, node });
  return {
    component: 'kubelet',
    container: container({
      image: declaration.images.kubelet,
      binary: 'kubelet',
      args: [
        `--config=${paths.configuration}`,
        `--hostname-override=${node.name}`,
        `--kubeconfig=${paths.kubeconfig}`,
        // Else it guesses, by DNS or by the default route, and a node of two networks is reached at the wrong address.
        `--node-ip=${node.address}`,
      ],
      params: options,
      ...(registries.length > 0 && { env: { HOME: paths.home } }),
      mounts: [...hostMounts, ...runtimeMounts(options.cri_endpoint)],
      tmpfs: ['/tmp'],
      privilege: 'privileged',
      pid: 'host',
    }),
    root: '/etc/kubernetes',
    files: [
      authorityFile(paths.authority, 'kubernetes', declaration),
      ...certificatePair(paths.pair, certificate),
      kubeconfigFile(paths.kubeconfig, declaration, certificate),
      textFile(paths.configuration, kubeletConfig(options, node)),
      ...loginFiles(registries),
    ],
  };
}

/** Pods get images of private registries without pull secrets of their own, cluster DNS among them. */
function loginFiles(registries: PrivateRegistry[]): FileSpec[] {
  if (registries.length === 0) return [];
  return [{ path: `${paths.home}/.docker/config.json`, mode: '0600', content: 'registry-logins', registries }];
}

const readOnly = (path: string, source_kind: BindMount['source_kind']) => bind(path, { access: 'ro', source_kind });
const writable = (path: string, source_kind: BindMount['source_kind']) => bind(path, { access: 'rw', source_kind });
const shared = (path: string, propagation: 'shared' | 'rshared'): BindMount => ({
  ...writable(path, 'created'),
  propagation,
});

const hostMounts: BindMount[] = [
  fileRoot('/etc/kubernetes'),
  readOnly('/etc/machine-id', 'required'),
  readOnly('/etc/os-release', 'required'),
  readOnly('/opt/cni/bin', 'created'),
  readOnly('/etc/cni/net.d', 'created'),
  shared('/var/lib/kubelet', 'rshared'),
  shared('/opt/volume/bin', 'shared'),
  writable('/var/log/pods', 'created'),
  writable('/var/log/containers', 'created'),
  writable('/var/lib/cni', 'created'),
  { ...writable('/run', 'required'), propagation: 'rshared' },
  writable('/sys', 'required'),
  writable('/dev', 'required'),
];

/** The data of known runtimes, whose disk the kubelet watches. CKE left this bind to the user; for other runtimes we still do. */
const runtimeData: Readonly<Record<string, string>> = {
  containerd: '/var/lib/containerd',
  crio: '/var/lib/containers',
};

function runtimeMounts(criEndpoint: string): BindMount[] {
  return Object.entries(runtimeData).flatMap(([name, path]) =>
    criEndpoint.includes(name) ? [shared(path, 'rshared')] : [],
  );
}
