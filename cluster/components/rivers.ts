import type { Declaration } from '../declaration/declaration.ts';
import { flagValue } from '../declaration/extra-args.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { container, fileRoot } from './container.ts';
import { ports, readyPath } from './endpoint.ts';
import { authorityFile, textFile } from './files.ts';
import { proxyConfiguration } from './haproxy.ts';
import type { ComponentSpec } from './spec.ts';

const authority = '/etc/rivers/rivers/ca.crt';
const configuration = '/etc/rivers/rivers/haproxy.cfg';

/** rivers: 127.0.0.1:16443 of each node leads to an API server that is ready. */
export function riversSpec(declaration: Declaration): ComponentSpec {
  const params = declaration.options.rivers;
  const text = proxyConfiguration({
    name: 'kube-apiserver',
    listen: ports.rivers,
    upstreams: controlPlanes(declaration),
    upstreamPort: ports.apiServer,
    check: {
      path: readyPath,
      status: expectedStatus(declaration),
      interval: '1s',
      authority,
      host: 'kubernetes',
    },
    params,
  });
  return {
    component: 'rivers',
    container: container({
      image: declaration.images.rivers,
      binary: 'haproxy',
      args: ['-db', '-f', configuration],
      params: { ...params, extra_args: [] },
      mounts: [fileRoot('/etc/rivers')],
    }),
    root: '/etc/rivers',
    files: [authorityFile(authority, 'kubernetes', declaration), textFile(configuration, text)],
  };
}

/** Where the user has switched anonymous requests off, an API server that refuses ours is at least one that serves. */
function expectedStatus({ options }: Declaration): string {
  return flagValue(options['kube-api'].extra_args, 'anonymous-auth') === 'false' ? '200|401' : '200';
}
