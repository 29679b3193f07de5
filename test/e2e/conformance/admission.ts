import { expect } from 'vitest';
import { until } from '../story.ts';
import type { Check } from './check.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';
import { pod, running, sleeping } from './pods.ts';

const deniedMap = { data: { colour: 'red' } };

/** Only what is in the check's namespace. */
export const here = (place: Place) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': place.namespace } },
});

export const configMaps = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };

export const admission: Check[] = [
  {
    what: 'a namespace that enforces the restricted standard takes restricted pods only',
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    run: async (place) => {
      const refused = await place.refusal('Pod', 'plain', { spec: pod([sleeping()]) });
      expect(refused.message).toContain('violates PodSecurity "restricted:latest"');
      const securityContext = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } };
      const strict = sleeping({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      });
      await running(place, 'strict', pod([strict], { securityContext }));
    },
  },
  {
    what: 'the baseline standard refuses what reaches the node, and warns where it is only to warn',
    labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
    run: async (place) => {
      for (const spec of [
        pod([sleeping()], { hostNetwork: true }),
        pod([sleeping({ securityContext: { privileged: true } })]),
      ])
        expect((await place.refusal('Pod', 'near', { spec })).message).toContain(
          'violates PodSecurity "baseline:latest"',
        );
      const body = { metadata: { name: 'plain' }, spec: pod([sleeping()]) };
      const answer = await place.api.ask({ method: 'POST', path: `/api/v1/namespaces/${place.namespace}/pods`, body });
      expect(answer.status).toBe(201);
      expect(String(answer.headers['warning'])).toContain('would violate PodSecurity');
    },
  },
  {
    what: 'a ValidatingAdmissionPolicy refuses by its expression, with the parameters of its binding',
    run: async (place) => {
      const name = place.named('colours');
      const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
      const validation = {
        expression: '!has(object.data) || !has(object.data.colour) || object.data.colour != params.data.forbidden',
        messageExpression: "'not ' + object.data.colour",
      };
      const resourceRules = [configMaps];
      await place.create('ValidatingAdmissionPolicy', name, {
        spec: { failurePolicy: 'Fail', paramKind, matchConstraints: { resourceRules }, validations: [validation] },
      });
      await place.create('ConfigMap', 'forbidden', { data: { forbidden: 'red' } });
      const paramRef = { name: 'forbidden', namespace: place.namespace, parameterNotFoundAction: 'Deny' };
      await place.create('ValidatingAdmissionPolicyBinding', name, {
        spec: { policyName: name, validationActions: ['Deny'], paramRef, matchResources: here(place) },
      });
      await untilDenied(place, 'not red');
      await place.create('ConfigMap', 'fine', { data: { colour: 'blue' } });
    },
  },
  {
    what: 'a webhook that cannot be reached refuses everything, or nothing, as it is to do',
    run: async (place) => {
      const webhook = (failurePolicy: string) => ({
        name: 'nobody.example.com',
        clientConfig: { service: { name: 'nobody', namespace: place.namespace } },
        rules: [configMaps],
        ...here(place),
        failurePolicy,
        sideEffects: 'None',
        timeoutSeconds: 2,
        admissionReviewVersions: ['v1'],
      });
      const name = place.named('hook');
      await place.create('ValidatingWebhookConfiguration', name, { webhooks: [webhook('Fail')] });
      await untilDenied(place, 'failed calling webhook');
      await place.patch('ValidatingWebhookConfiguration', name, { webhooks: [webhook('Ignore')] });
      const made = async () => (await tryMap(place)).status === 201 || undefined;
      await until('accepted', made, patience);
    },
  },
  {
    what: 'namespaces of the system are not deleted, and nothing is made in one that is not there or ends',
    run: async (place) => {
      for (const name of ['default', 'kube-system'])
        expect((await place.api.ask({ method: 'DELETE', path: `/api/v1/namespaces/${name}` })).status).toBe(403);
      const inside = (name: string) =>
        place.api.ask({
          method: 'POST',
          path: `/api/v1/namespaces/${name}/configmaps`,
          body: { metadata: { name: 'a' } },
        });
      expect((await inside(place.named('no'))).status).toBe(404);
      const ending = place.named('ending');
      await place.create('Namespace', ending, {});
      const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } };
      const path = `/api/v1/namespaces/${ending}/configmaps`;
      await place.api.json({ method: 'POST', path, body: held });
      await place.remove('Namespace', ending);
      const refused = await inside(ending);
      expect([refused.status, refused.text.includes('being terminated')]).toEqual([403, true]);
      const free = { metadata: { finalizers: null } };
      await place.api.json({
        method: 'PATCH',
        path: `${path}/held`,
        body: free,
        contentType: 'application/merge-patch+json',
      });
      await until('it has ended', () => place.gone('Namespace', ending), patience);
    },
  },
  {
    what: 'a Service may not take an external address for itself',
    run: async (place) => {
      const refused = await place.refusal('Service', 'greedy', {
        spec: { externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] },
      });
      expect(refused.message).toContain('Use of external IPs is denied');
    },
  },
];

const tryMap = (place: Place) =>
  place.api.ask({
    method: 'POST',
    path: `/api/v1/namespaces/${place.namespace}/configmaps?dryRun=All`,
    body: { metadata: { name: 'red' }, ...deniedMap },
  });

/** Every API server learns of a rule in its own time. */
async function untilDenied(place: Place, words: string): Promise<void> {
  await until(
    `refused: ${words}`,
    async () => {
      const { status, text } = await tryMap(place);
      if (status >= 400 && text.includes(words)) return true;
      throw new Error(`${status}: ${text}`);
    },
    patience,
  );
}
