import type { V1TokenReview } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { fromJson } from '../json.ts';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { ended, pod, running, shell, sleeping } from './pods.ts';

const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
const readPods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const rbac = 'rbac.authorization.k8s.io';

async function tokenOf(place: Place, account: string, spec: object = {}): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const { status } = await place.post<{ status: { token: string } }>('ServiceAccount', account, 'token', body);
  return status.token;
}

async function review(place: Place, token: string, audiences?: string[]): Promise<V1TokenReview['status']> {
  const spec = { token, ...(audiences && { audiences }) };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const path = '/apis/authentication.k8s.io/v1/tokenreviews';
  return (await place.api.json<V1TokenReview>({ method: 'POST', path, body })).status;
}

const podsPath = (place: Place) => `/api/v1/namespaces/${place.namespace}/pods`;

/** The status that a request with this token gets. */
const statusWith = async (place: Place, token: string, path = podsPath(place)) =>
  (await place.api.ask({ path, token })).status;

/** Binds an account of the namespace to a Role or ClusterRole there. */
const bind = (place: Place, account: string, kind: 'Role' | 'ClusterRole', name: string) =>
  place.create('RoleBinding', `${account}-${name}`, {
    roleRef: { apiGroup: rbac, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: place.namespace }],
  });

/** A request as somebody else, by impersonation. */
const as = (user: string, ...groups: string[]) => ({
  'Impersonate-User': user,
  ...(groups[0] !== undefined && { 'Impersonate-Group': groups[0] }),
});

export const access: Check[] = [
  {
    what: 'an account may do nothing until a Role is bound to it, and no more than that Role says',
    run: async (place) => {
      await place.create('ServiceAccount', 'reader', {});
      const token = await tokenOf(place, 'reader');
      expect(await statusWith(place, token)).toBe(403);
      await place.create('Role', 'read-pods', { rules: [readPods] });
      await bind(place, 'reader', 'Role', 'read-pods');
      await until('it may', async () => (await statusWith(place, token)) === 200 || undefined, patience);
      expect(await statusWith(place, token, '/api/v1/namespaces/kube-system/pods')).toBe(403);
      const deletion = await place.api.ask({ method: 'DELETE', path: `${podsPath(place)}/any`, token });
      expect(deletion.status).toBe(403);
      await place.remove('RoleBinding', 'reader-read-pods');
      await until('it may not', async () => (await statusWith(place, token)) === 403 || undefined, patience);
    },
  },
  {
    what: 'a ClusterRole is put together from others by their labels, and view shows no Secrets',
    run: async (place) => {
      const name = place.named('all');
      const matchLabels = { [`check.example.com/${place.namespace}`]: 'yes' };
      await place.create('ClusterRole', name, { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } });
      await place.create('ClusterRole', place.named('part'), { metadata: { labels: matchLabels }, rules: [readPods] });
      await place.untilIs('ClusterRole', name, 'put together', ({ rules }) => rules?.[0]?.resources?.[0] === 'pods');
      await place.create('ServiceAccount', 'viewer', {});
      await bind(place, 'viewer', 'ClusterRole', 'view');
      const token = await tokenOf(place, 'viewer');
      await until('it may', async () => (await statusWith(place, token)) === 200 || undefined, patience);
      expect(await statusWith(place, token, `/api/v1/namespaces/${place.namespace}/secrets`)).toBe(403);
    },
  },
  {
    what: 'nobody gives away a right that they do not have',
    run: async (place) => {
      await place.create('Role', 'roles', { rules: [{ apiGroups: [rbac], resources: ['roles'], verbs: ['create'] }] });
      await place.create('ServiceAccount', 'clerk', {});
      await bind(place, 'clerk', 'Role', 'roles');
      const token = await tokenOf(place, 'clerk');
      const body = { metadata: { name: 'more' }, rules: [readPods] };
      const path = `/apis/${rbac}/v1/namespaces/${place.namespace}/roles`;
      const asking = async () => {
        const { status, text } = await place.api.ask({ method: 'POST', path, body, token });
        return status === 403 && text.includes('attempting to grant RBAC permissions') ? true : undefined;
      };
      await until('refused as an escalation', asking, patience);
    },
  },
  {
    what: 'access reviews tell what somebody may do; an administrator may act as somebody else',
    run: async (place) => {
      const spec = { user: 'alice', resourceAttributes: { namespace: place.namespace, verb: 'get', resource: 'pods' } };
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const ask = () => place.api.json<{ status: { allowed: boolean } }>({ method: 'POST', path, body: { spec } });
      expect((await ask()).status.allowed).toBe(false);
      await place.create('Role', 'read-pods', { rules: [readPods] });
      await place.create('RoleBinding', 'alice', {
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'read-pods' },
        subjects: [{ kind: 'User', name: 'alice', apiGroup: rbac }],
      });
      await until('alice may', async () => (await ask()).status.allowed || undefined, patience);
      expect((await place.api.ask({ path: podsPath(place), headers: as('alice') })).status).toBe(200);
      expect((await place.api.ask({ path: '/api/v1/nodes', headers: as('alice') })).status).toBe(403);
    },
  },
  {
    what: 'a token is for its audience and its time, and ends with its pod',
    run: async (place) => {
      await running(place, 'holder', pod([sleeping()]));
      const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'holder' };
      const token = await tokenOf(place, 'default', { audiences: ['shop'], expirationSeconds: 900, boundObjectRef });
      const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      expect(claims).toContain('"pod":{"name":"holder"');
      const accepted = await review(place, token, ['shop']);
      expect(accepted?.user?.username).toBe(`system:serviceaccount:${place.namespace}:default`);
      expect((await review(place, token))?.authenticated ?? false).toBe(false);
      expect(await statusWith(place, token), 'the API is another audience').toBe(401);
      await place.remove('Pod', 'holder');
      const invalid = async () => !((await review(place, token, ['shop']))?.authenticated ?? false) || undefined;
      await until('the token has ended with its pod', invalid, patience);
    },
  },
  {
    what: 'a pod gets a token that the API takes, and the CA that the API is known by',
    run: async (place) => {
      await place.create('Role', 'read-pods', { rules: [readPods] });
      await bind(place, 'default', 'Role', 'read-pods');
      const script = `cd ${accountDirectory}; ls; cat namespace; echo; cat token; echo; cat ca.crt`;
      const { log } = await ended(place, 'asks', pod([shell(script)]));
      const [ca, , , namespace, token = '', ...authority] = log.trim().split('\n');
      expect([ca, namespace]).toEqual(['ca.crt', place.namespace]);
      const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      expect(claims).toContain('"iss":"https://kubernetes.default.svc.cluster.local"');
      const published = (await place.read('ConfigMap', 'kube-root-ca.crt')).data?.['ca.crt'];
      expect(authority.join('\n')).toBe(published?.trim());
      expect(await statusWith(place, token)).toBe(200);
    },
  },
  {
    what: 'automountServiceAccountToken false: a pod has no token',
    run: async (place) => {
      const spec = pod([shell(`ls ${accountDirectory} 2>&1 || true`)], { automountServiceAccountToken: false });
      expect((await ended(place, 'without', spec)).log).toContain('No such file or directory');
      // A new account: of a changed one an API server may not have heard yet.
      await place.create('ServiceAccount', 'tokenless', { automountServiceAccountToken: false });
      await running(place, 'neither', pod([sleeping()], { serviceAccountName: 'tokenless' }));
      expect((await place.read('Pod', 'neither')).spec?.volumes ?? []).toEqual([]);
    },
  },
  {
    what: 'who verifies tokens elsewhere finds the issuer and its keys',
    run: async (place) => {
      const about = await place.api.json<{ issuer: string; jwks_uri: string }>({
        path: '/.well-known/openid-configuration',
      });
      expect(about.issuer).toBe('https://kubernetes.default.svc.cluster.local');
      const { keys } = await place.api.json<{ keys: { kid: string }[] }>({
        path: new URL(about.jwks_uri).pathname,
        headers: { Accept: 'application/jwk-set+json' },
      });
      const [header = ''] = (await tokenOf(place, 'default')).split('.');
      const { kid } = fromJson<{ kid: string }>(Buffer.from(header, 'base64url').toString());
      expect(keys.map((key) => key.kid)).toContain(kid);
    },
  },
  {
    what: 'nobody in particular learns whether the API is healthy, and nothing else',
    run: async (place) => {
      expect(await statusWith(place, '', '/readyz')).toBe(200);
      for (const path of ['/version', '/api', '/openapi/v2']) expect(await statusWith(place, '', path)).toBe(401);
      expect([401, 403]).toContain(await statusWith(place, ''));
      expect(await statusWith(place, 'not-a-token')).toBe(401);
    },
  },
  {
    what: 'a kubelet’s rights end at its own node',
    run: async (place) => {
      const kubelet = as('system:node:worker-1', 'system:nodes');
      const label = async (node: string) => {
        const body = { metadata: { labels: { 'example.com/from-kubelet': 'yes' } } };
        const request = { method: 'PATCH', path: `/api/v1/nodes/${node}?dryRun=All`, body } as const;
        return (await place.api.ask({ ...request, contentType: 'application/merge-patch+json', headers: kubelet }))
          .status;
      };
      expect(await label('worker-1')).toBe(200);
      expect(await label('worker-2')).toBe(403);
      await place.create('Secret', 'unused', { stringData: { a: 'b' } });
      const path = `/api/v1/namespaces/${place.namespace}/secrets/unused`;
      expect((await place.api.ask({ path, headers: kubelet })).status).toBe(403);
    },
  },
];
