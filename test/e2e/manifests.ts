import type { KubernetesObject } from '../../cluster/resources/kubernetes-object.ts';

export const namespaces = ['shop-a', 'shop-b'];

/** How many objects of each kind: 500 together, of more than 20 kinds, the first ones standing on the last ones. */
const amounts: [number, (index: number) => KubernetesObject][] = [
  [20, widget],
  [10, (index) => workload('Deployment', index)],
  [5, (index) => workload('StatefulSet', index)],
  [10, cronJob],
  [
    10,
    (index) =>
      inNamespace('policy/v1', 'PodDisruptionBudget', index, { spec: { minAvailable: 1, selector: selector(index) } }),
  ],
  [
    20,
    (index) =>
      inNamespace('v1', 'Service', index, { spec: { selector: { app: `web-${index}` }, ports: [{ port: 80 }] } }),
  ],
  [
    10,
    (index) => inNamespace('networking.k8s.io/v1', 'NetworkPolicy', index, { spec: { podSelector: selector(index) } }),
  ],
  [10, ingress],
  [5, autoscaler],
  [2, (index) => inNamespace('v1', 'ResourceQuota', index, { spec: { hard: { pods: '100' } } })],
  [2, limits],
  [5, claim],
  [255, (index) => inNamespace('v1', 'ConfigMap', index, { data: { key: `value ${index}`, mode: '0644' } })],
  [30, (index) => inNamespace('v1', 'Secret', index, { stringData: { password: secretOf(index) } })],
  [20, (index) => inNamespace('v1', 'ServiceAccount', index, {})],
  [20, (index) => inNamespace('rbac.authorization.k8s.io/v1', 'Role', index, { rules: [rule] })],
  [20, (index) => inNamespace('rbac.authorization.k8s.io/v1', 'RoleBinding', index, binding('Role', index))],
  [20, (index) => alone('rbac.authorization.k8s.io/v1', 'ClusterRole', index, { rules: [rule] })],
  [20, (index) => alone('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', index, binding('ClusterRole', index))],
  [1, (index) => alone('scheduling.k8s.io/v1', 'PriorityClass', index, { value: 5 })],
  [1, (index) => alone('storage.k8s.io/v1', 'StorageClass', index, { provisioner: 'kubernetes.io/no-provisioner' })],
  [1, (index) => alone('networking.k8s.io/v1', 'IngressClass', index, { spec: { controller: 'example.com/none' } })],
  [1, definition],
  [2, (index) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaces[index] ?? '' } })],
];

export const manyObjects = (): KubernetesObject[] =>
  amounts.flatMap(([amount, make]) => Array.from({ length: amount }, (_, index) => make(index)));

/** What a Secret of the story holds: looked for where it must not be. */
export const secretOf = (index: number): string => `a-password-of-the-story-${index}`;

const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };
const selector = (index: number) => ({ matchLabels: { app: `web-${index}` } });

function inNamespace(
  apiVersion: string,
  kind: string,
  index: number,
  fields: Omit<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>,
): KubernetesObject {
  const namespace = namespaces[index % namespaces.length] ?? '';
  return { apiVersion, kind, metadata: { name: `web-${index}`, namespace }, ...fields };
}

function alone(
  apiVersion: string,
  kind: string,
  index: number,
  fields: Omit<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>,
): KubernetesObject {
  return { apiVersion, kind, metadata: { name: `shop-${index}` }, ...fields };
}

function binding(kind: 'Role' | 'ClusterRole', index: number) {
  const name = kind === 'Role' ? `web-${index}` : `shop-${index}`;
  return {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name: `web-${index}`, namespace: namespaces[index % 2] ?? '' }],
  };
}

const pod = (index: number) => ({
  metadata: { labels: { app: `web-${index}` } },
  spec: { containers: [{ name: 'web', image: 'cke.lab/echo:1', resources: { limits: { cpu: '1000m' } } }] },
});

function workload(kind: 'Deployment' | 'StatefulSet', index: number): KubernetesObject {
  const spec = { replicas: 0, selector: selector(index), template: pod(index) };
  return inNamespace('apps/v1', kind, index, {
    spec: kind === 'StatefulSet' ? { ...spec, serviceName: `web-${index}` } : spec,
  });
}

function cronJob(index: number): KubernetesObject {
  const { spec, metadata } = pod(index);
  const template = { metadata, spec: { ...spec, restartPolicy: 'Never' } };
  return inNamespace('batch/v1', 'CronJob', index, {
    spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template } } },
  });
}

function ingress(index: number): KubernetesObject {
  const backend = { service: { name: `web-${index}`, port: { number: 80 } } };
  return inNamespace('networking.k8s.io/v1', 'Ingress', index, {
    spec: {
      ingressClassName: 'shop-0',
      rules: [{ host: `web-${index}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  });
}

function autoscaler(index: number): KubernetesObject {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: `web-${index}` };
  return inNamespace('autoscaling/v2', 'HorizontalPodAutoscaler', index, { spec: { scaleTargetRef, maxReplicas: 3 } });
}

function limits(index: number): KubernetesObject {
  return inNamespace('v1', 'LimitRange', index, {
    spec: { limits: [{ type: 'Container', default: { memory: '64Mi' } }] },
  });
}

function claim(index: number): KubernetesObject {
  return inNamespace('v1', 'PersistentVolumeClaim', index, {
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'shop-0', resources: { requests: { storage: '1Mi' } } },
  });
}

function definition(): KubernetesObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.shop.example.com' },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

function widget(index: number): KubernetesObject {
  return inNamespace('shop.example.com/v1', 'Widget', index, { spec: { size: index } });
}

/** A Secret that is given a certificate, and what calls the webhook behind it. */
export const webhookSecret: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hook-tls', annotations: { 'cke.cybozu.com/issue-cert': 'hook' } },
};

export const webhookConfiguration: KubernetesObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'hook', annotations: { 'cke.cybozu.com/inject-cacert': 'true' } },
  webhooks: [
    {
      name: 'hook.shop.example.com',
      clientConfig: { service: { name: 'hook', namespace: 'default' } },
      rules: [
        { apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] },
      ],
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
};
