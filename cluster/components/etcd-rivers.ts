import { certificateRequest } from '../certificates/catalogue.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { controlPlanes } from '../declaration/nodes.ts';
import { container, fileRoot } from './container.ts';
import { ports } from './endpoint.ts';
import { authorityFile, certificatePair, textFile } from './files.ts';
import { proxyConfiguration } from './haproxy.ts';
import type { ComponentSpec } from './spec.ts';

const directory = '/etc/rivers/etcd-rivers';

/**
 * etcd-rivers: 127.0.0.1:12379 leads to an etcd member that is a voter and can read with consensus. The check's client
 * certificate is of a name that no etcd user has: on a worker it must not open the API server's door.
 */
export function etcdRiversSpec(declaration: Declaration): ComponentSpec {
  const params = declaration.options['etcd-rivers'];
  const text = proxyConfiguration({
    name: 'etcd',
    listen: ports.etcdRivers,
    upstreams: controlPlanes(declaration),
    upstreamPort: ports.etcdClient,
    check: {
      path: '/readyz',
      status: '200',
      interval: '500ms',
      authority: `${directory}/ca.crt`,
      host: 'localhost',
      certificate: `${directory}/client.crt`,
    },
    params,
  });
  return {
    component: 'etcd-rivers',
    container: container({
      image: declaration.images.rivers,
      binary: 'haproxy',
      args: ['-db', '-f', `${directory}/haproxy.cfg`],
      params: { ...params, extra_args: [] },
      mounts: [fileRoot('/etc/rivers')],
    }),
    root: '/etc/rivers',
    files: [
      authorityFile(`${directory}/ca.crt`, 'server', declaration),
      ...certificatePair(`${directory}/client`, certificateRequest({ kind: 'etcd-rivers', declaration })),
      textFile(`${directory}/haproxy.cfg`, text),
    ],
  };
}
