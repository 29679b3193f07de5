import type { Finding } from './problem.ts';
import type { Component } from './service-flags.ts';

/** Host paths that give away the machine: neither they, nor what contains them, nor what they contain may be mounted. Rule D-12. */
const guarded = [
  '/run/docker.sock',
  '/var/run/docker.sock',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/ssh',
  '/root/.ssh',
  '/proc',
];

/** Paths in the containers that our own mounts use. */
const managedDestinations: Record<Component, string[]> = {
  etcd: ['/var/lib/etcd', '/etc/etcd'],
  rivers: ['/etc/rivers'],
  'etcd-rivers': ['/etc/rivers', '/etc/etcd'],
  'kube-api': ['/etc/kubernetes', '/etc/machine-id', '/run/kubernetes', '/run/cke-kms'],
  'vault-kms': ['/etc/kubernetes', '/run/cke-kms', '/tmp'],
  'kube-controller-manager': ['/etc/kubernetes', '/etc/machine-id'],
  'kube-scheduler': ['/etc/kubernetes', '/etc/machine-id'],
  'kube-proxy': ['/etc/kubernetes', '/etc/machine-id', '/lib/modules', '/run'],
  kubelet: [
    '/etc/kubernetes',
    '/etc/machine-id',
    '/etc/os-release',
    '/opt/cni/bin',
    '/etc/cni/net.d',
    '/var/lib/kubelet',
    '/var/log/pods',
    '/var/log/containers',
    '/run',
    '/sys',
    '/dev',
    '/var/lib/cni',
  ],
};

/** What is wrong with a path as text, on either side of a mount. */
export function pathFinding(text: string): Finding | undefined {
  if (!text.startsWith('/'))
    return { code: 'path-not-absolute', want: 'an absolute path', hint: 'begin it with a slash' };
  if (/[:,]/.test(text))
    return { code: 'path-delimiter', want: 'a path without : and ,', hint: 'Docker reads : and , as delimiters' };
  if (/\p{Cc}/u.test(text))
    return { code: 'control-character', want: 'printable text', hint: 'remove the control character' };
  if (text.split('/').some((part) => part === '..' || part === '.'))
    return { code: 'path-not-clean', want: 'a path without . and ..', hint: 'write the path that is meant' };
  if (text.length > 1 && /\/$|\/\//.test(text))
    return {
      code: 'path-not-clean',
      want: text.replaceAll(/\/+/g, '/').replace(/\/$/, ''),
      hint: 'single slashes, none at the end',
    };
  return undefined;
}

/** What is wrong with the source of a mount: a host path that gives away the machine. */
export function mountSourceFinding(text: string): Finding | undefined {
  const form = pathFinding(text);
  if (form !== undefined) return form;
  const hit = guarded.find((path) => contains(text, path) || contains(path, text));
  if (hit === undefined) return undefined;
  return {
    code: 'forbidden-mount',
    want: 'a directory of the component’s own',
    hint: `forbidden mount: it exposes ${hit}`,
  };
}

/** What is wrong with the destination of a mount: a path that our own mounts use. */
export function mountDestinationFinding(component: Component, text: string): Finding | undefined {
  const form = pathFinding(text);
  if (form !== undefined) return form;
  const hit = managedDestinations[component].find(
    (path) => contains(text, path) || (contains(path, text) && isClosed(path)),
  );
  if (hit === undefined) return undefined;
  return {
    code: 'forbidden-mount',
    want: 'another path in the container',
    hint: `${hit} is managed: a mount there would hide it`,
  };
}

/** Managed trees that hold keys or data: nothing may be mounted inside them either. */
function isClosed(path: string): boolean {
  return path.startsWith('/etc/') || path === '/var/lib/etcd';
}

function contains(outer: string, inner: string): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}
