import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationReport } from '../../cluster/plan.ts';
import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';
import { writeAtomically } from '../../lab/state.ts';
import { newIdentity } from '../e2e/api-client.ts';
import { declaredNames } from '../e2e/declaration.ts';
import { fromJson } from '../e2e/json.ts';
import { outsideAddress, serveOutside } from '../e2e/outside-server.ts';
import type { OutsideServer } from '../e2e/outside-server.ts';
import { standingCluster } from '../e2e/standing.ts';
import { cke, cluster, kubectl, lab, reconcile, until } from '../e2e/story.ts';

const group = 'weather.example.com';
const apiService = `v1.${group}`;
const service = { name: 'weather', namespace: 'default' };
const patient = { seconds: 120, everyMilliseconds: 1000 };

/** What API servers publish for those that they hand requests on to: whom to believe, and by which name. */
interface Published {
  readonly authority: string;
  readonly names: readonly string[];
}

/** Who has asked by way of an API server, as it says. */
const askers: { user: string; groups: string; by: string }[] = [];

const header = (request: IncomingMessage, name: string): string => String(request.headers[name] ?? '');

/** An API of one kind. It believes what is said about the user only from a client that shows the front proxy's certificate. */
function answering({ names }: Published) {
  return (request: IncomingMessage) => {
    const { socket, url = '' } = request;
    const by = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
    if (typeof by !== 'string' || !names.includes(by)) return { status: 401, body: { message: 'who are you?' } };
    const [path = ''] = url.split('?');
    if (path.endsWith('/reports')) {
      const user = header(request, 'x-remote-user');
      askers.push({ user, groups: header(request, 'x-remote-group'), by });
      const metadata = { name: 'today', namespace: 'default' };
      return {
        status: 200,
        body: {
          ...typeOf('ReportList'),
          metadata: {},
          items: [{ ...typeOf('Report'), metadata, spec: { for: user } }],
        },
      };
    }
    const resource = {
      name: 'reports',
      singularName: 'report',
      namespaced: true,
      kind: 'Report',
      verbs: ['get', 'list'],
    };
    if (path === `/apis/${group}/v1`)
      return {
        status: 200,
        body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1`, resources: [resource] },
      };
    return { status: 404, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 } };
  };
}

const typeOf = (kind: string) => ({ apiVersion: `${group}/v1`, kind });

async function published(): Promise<Published> {
  const at = ['configmap', 'extension-apiserver-authentication', '--namespace', 'kube-system', '--output', 'json'];
  const { data } = fromJson<{ data: Record<string, string> }>(await kubectl('get', ...at));
  return {
    authority: data['requestheader-client-ca-file'] ?? '',
    names: fromJson<string[]>(data['requestheader-allowed-names'] ?? '[]'),
  };
}

/** The Secret gets a certificate for the Service, and the APIService the CA of it; behind the Service is no pod. */
const objects = (port: number): KubernetesObject[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'weather-tls', annotations: { 'cke.cybozu.com/issue-cert': service.name } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service.name },
    spec: { ports: [{ name: 'https', port: 443 }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: service.name, labels: { 'kubernetes.io/service-name': service.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [outsideAddress()], conditions: { ready: true } }],
    ports: [{ name: 'https', port }],
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: apiService, annotations: { 'cke.cybozu.com/inject-cacert': 'true' } },
    spec: { group, version: 'v1', service, groupPriorityMinimum: 1000, versionPriority: 10 },
  },
];

const file = () => join(lab.paths.directory, 'aggregation.yaml');

async function set(wanted: readonly KubernetesObject[]): Promise<OperationReport> {
  writeAtomically(file(), wanted.map((object) => stringify(object)).join('---\n'));
  const said = await cke('resource', 'set', file(), '--wait', '--cluster', cluster, '--output', 'json');
  expect(said.code, said.stderr).toBe(0);
  return fromJson<OperationReport>(said.stdout);
}

/** The certificate and key that cke has issued, PEM. */
async function issued(): Promise<{ cert: string; key: string }> {
  const { data } = fromJson<{ data: Record<string, string> }>(
    await kubectl('get', 'secret', 'weather-tls', '--output', 'json'),
  );
  const pem = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString();
  return { cert: pem('tls.crt'), key: pem('tls.key') };
}

/** The status that the server itself gives to somebody who names a user, with this client certificate or none. */
function directly(port: number, identity: { cert?: string; key?: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { ...identity, rejectUnauthorized: false, agent: false, headers: { 'X-Remote-User': 'root' } };
    const asked = httpsRequest(`https://${outsideAddress()}:${port}/apis/${group}/v1/reports`, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

describe('an aggregated API server', () => {
  let server: OutsideServer | undefined;
  beforeAll(async () => {
    await standingCluster();
    const [secret = objects(0)[0]] = objects(0);
    if (secret !== undefined) await set([secret]);
    const proxy = await published();
    const tls = { ...(await issued()), ca: proxy.authority, requestCert: true, rejectUnauthorized: false };
    server = await serveOutside(answering(proxy), tls);
    expect(await set(objects(server.port))).toMatchObject({ failed: [], blockers: [] });
    await kubectl('wait', `apiservice/${apiService}`, '--for=condition=Available', '--timeout=120s');
  });
  afterAll(async () => {
    await cke('resource', 'delete', '--file', file(), '--cluster', cluster);
    const gone = async () => (await lab.run('kubectl', ['get', 'apiservice', apiService])).code === 1 || undefined;
    await until('the APIService is gone', gone, patient);
    await server?.stop();
    await standingCluster();
  });

  test('answers through every API server, with kubectl as with any other kind', async () => {
    for (const name of declaredNames.filter((node) => node.startsWith('cp-'))) {
      const url = `https://${lab.node(name).address}:6443`;
      const listed = async () => {
        const { code, stdout, stderr } = await lab.run('kubectl', [
          '--server',
          url,
          'get',
          `reports.${group}`,
          '--output',
          'name',
        ]);
        if (code !== 0) throw new Error(stderr);
        return stdout.trim();
      };
      expect(await until(`reports by ${name}`, listed, patient)).toBe(`report.${group}/today`);
    }
    expect(await kubectl('api-resources', `--api-group=${group}`)).toContain('Report');
  });

  test('learns who asks from the front proxy, whose certificate it has verified', async () => {
    const { names } = await published();
    askers.length = 0;
    await kubectl('get', `reports.${group}`, '--as', 'alice', '--as-group', 'system:masters');
    const [last] = askers.slice(-1);
    expect(last).toEqual({ user: 'alice', groups: expect.stringContaining('system:masters'), by: names[0] });
    const refused = await lab.run('kubectl', ['get', `reports.${group}`, '--as', 'bob']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('cannot list resource "reports"')]);
    expect(
      askers.map(({ user }) => user),
      'who may not ask is not handed on',
    ).not.toContain('bob');
  });

  test('refuses who comes by another way: without a certificate, and with an administrator’s', async () => {
    const { port = 0 } = server ?? {};
    const { cert, key } = await newIdentity();
    expect(await directly(port, {})).toBe(401);
    expect(await directly(port, { cert, key })).toBe(401);
  });

  test('that is silent makes its own API unavailable, and nothing else', async () => {
    await server?.stop();
    await kubectl('wait', `apiservice/${apiService}`, '--for=condition=Available=False', '--timeout=120s');
    expect(await reconcile()).toMatchObject({ outcome: 'converged', done: [] });
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    server = undefined;
  });
});
