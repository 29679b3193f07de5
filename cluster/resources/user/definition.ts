import { isObject } from '../../components/component-config.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { addonAnnotation, addonPinAnnotation } from './addon.ts';
import { isNamespaced } from './scope.ts';

/** Objects of users carry it, so that one list call per kind finds them, and no others. */
export const resourceLabel = 'cke.cybozu.com/resource';
export const resourceLabelValue = 'user';

/** On an object: it stays when its definition is deleted. */
const keepAnnotation = 'cke.cybozu.com/prune';
/** On a Secret: it is given a certificate for the Service of this name. */
export const issueAnnotation = 'cke.cybozu.com/issue-cert';

/** Fields that an API server writes: they come along with `kubectl get --output yaml`. */
const servers = [
  'creationTimestamp',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** kubectl's copy of the whole object, Secrets included. */
const kubectlsCopy = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as it is stored: without what only an API server (or an add-on of ours) may say, and in the namespace that kubectl would put it in. */
export function definitionOf(object: KubernetesObject): KubernetesObject {
  const { status: _status, metadata, ...rest } = withoutGathered(object);
  const { namespace = 'default', annotations, ...others } = metadata;
  const kept = Object.fromEntries(Object.entries(others).filter(([field]) => !servers.includes(field)));
  const { [kubectlsCopy]: _copy, [addonAnnotation]: _addon, [addonPinAnnotation]: _pin, ...ours } = annotations ?? {};
  const scope = isNamespaced(object);
  const placed = scope === false || (scope === undefined && metadata.namespace === undefined) ? {} : { namespace };
  return {
    ...rest,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...kept, name: metadata.name, ...placed, ...(Object.keys(ours).length > 0 && { annotations: ours }) },
  };
}

/** The rules of a ClusterRole that gathers those of others are written by a controller: who defines them, empty most of the time, would fight it. */
function withoutGathered(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'ClusterRole' || object['aggregationRule'] === undefined) return object;
  const { rules: _gathered, ...rest } = object;
  return rest;
}

/** The object as it is applied. */
export function labelled(object: KubernetesObject): KubernetesObject {
  const { labels, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, labels: { ...labels, [resourceLabel]: resourceLabelValue } } };
}

export const isSecret = ({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean =>
  apiVersion === 'v1' && kind === 'Secret';

/** Whether the object outlives its definition. */
export const isKept = ({ metadata }: KubernetesObject): boolean =>
  ['disabled', 'false'].includes(metadata.annotations?.[keepAnnotation] ?? '') ||
  metadata.annotations?.['helm.sh/resource-policy'] === 'keep';

/** Whether the cluster itself removes the object when it has done its work: a Job with a time to live. It is not made again. */
export function isPassing({ apiVersion, kind, spec }: KubernetesObject): boolean {
  return apiVersion.startsWith('batch/') && kind === 'Job' && isObject(spec) && 'ttlSecondsAfterFinished' in spec;
}

/** The Service that a Secret is to hold a certificate for; undefined: none. */
export function serviceToCertify(object: KubernetesObject): { namespace: string; name: string } | undefined {
  const name = isSecret(object) ? object.metadata.annotations?.[issueAnnotation] : undefined;
  return name === undefined ? undefined : { namespace: object.metadata.namespace ?? 'default', name };
}
