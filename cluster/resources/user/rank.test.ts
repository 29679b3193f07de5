import { expect, test } from 'vitest';
import { definitionOf, isKept, labelled, serviceToCertify } from './definition.ts';
import { inOrder, takesMoreAlong } from './rank.ts';
import { describeResource, nameOf, resourceKey } from './resource-key.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';

const object = (apiVersion: string, kind: string, metadata: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
});

const key = (apiVersion: string, kind: string) => resourceKey(definitionOf(object(apiVersion, kind)));

test('in which order are objects applied?', () => {
  const kinds: [string, string][] = [
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ['example.com/v1', 'Widget'],
    ['apps/v1', 'Deployment'],
    ['v1', 'Service'],
    ['v1', 'Secret'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['v1', 'ServiceAccount'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['v1', 'Namespace'],
  ];
  const ordered = inOrder(kinds.map(([apiVersion, kind]) => key(apiVersion, kind)));
  expect(ordered.map((one) => nameOf(one).kind)).toEqual(kinds.map(([, kind]) => kind).toReversed());
});

test('a custom resource that has the name of a built-in kind is none', () => {
  expect(takesMoreAlong(key('example.com/v1', 'Namespace'))).toBe(false);
  expect(takesMoreAlong(key('v1', 'Namespace'))).toBe(true);
});

test.each<[string, KubernetesObject, string]>([
  ['kubectl’s default namespace', object('v1', 'ConfigMap'), 'ConfigMap default/a'],
  ['no namespace for what has none', object('v1', 'Namespace', { namespace: 'x' }), 'Namespace a'],
  ['an unknown kind, as it says', object('example.com/v1', 'Widget'), 'Widget.example.com a'],
  ['an unknown kind in a namespace', object('example.com/v1', 'Widget', { namespace: 'x' }), 'Widget.example.com x/a'],
])('where does an object go? %s', (_, one, described) => {
  expect(describeResource(resourceKey(definitionOf(one)))).toBe(described);
});

test('what only an API server may say is not stored, nor kubectl’s copy of the whole', () => {
  const live = object('v1', 'Secret', {
    namespace: 'x',
    uid: '1',
    resourceVersion: '7',
    creationTimestamp: null,
    managedFields: [],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'everything', mine: 'stays' },
  });
  expect(definitionOf({ ...live, status: {} })).toEqual(
    object('v1', 'Secret', { namespace: 'x', annotations: { mine: 'stays' } }),
  );
});

test('labels of the user stay beside ours', () => {
  const { labels } = labelled(object('v1', 'ConfigMap', { labels: { app: 'web' } })).metadata;
  expect(labels).toEqual({ app: 'web', 'cke.cybozu.com/resource': 'user' });
});

test('what do annotations ask for?', () => {
  const annotated = (kind: string, annotations: Record<string, string>) => object('v1', kind, { annotations });
  const issue = { 'cke.cybozu.com/issue-cert': 'hook' };
  expect(serviceToCertify(annotated('Secret', issue))).toEqual({ namespace: 'default', name: 'hook' });
  expect(serviceToCertify(annotated('ConfigMap', issue))).toBeUndefined();
  expect(isKept(annotated('ConfigMap', { 'cke.cybozu.com/prune': 'disabled' }))).toBe(true);
  expect(isKept(annotated('ConfigMap', { 'helm.sh/resource-policy': 'keep' }))).toBe(true);
  expect(isKept(annotated('ConfigMap', {}))).toBe(false);
});
