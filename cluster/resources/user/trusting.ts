import { isObject, overlay } from '../../components/component-config.ts';
import type { Json } from '../../declaration/service-options.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';

/** On an object: its servers show certificates of our CA of webhooks. */
const injectAnnotation = 'cke.cybozu.com/inject-cacert';

type JsonObject = { [field: string]: Json };

type Trusting = (object: KubernetesObject, caBundle: string) => KubernetesObject;

/** Where each kind that names servers for API servers to ask keeps the CA that they are to trust. */
const places: Readonly<Record<string, Trusting>> = {
  ValidatingWebhookConfiguration: webhooksTrusting,
  MutatingWebhookConfiguration: webhooksTrusting,
  APIService: (object, caBundle) => specWith(object, { caBundle }),
  CustomResourceDefinition: conversionTrusting,
};

/** Whether what the object names is to be trusted by our CA. */
export const wantsAuthority = ({ kind, metadata }: KubernetesObject): boolean =>
  Object.hasOwn(places, kind) && metadata.annotations?.[injectAnnotation] === 'true';

/** The object with this CA (base64 of PEM) wherever its kind has a place for one. */
export function trusting(object: KubernetesObject, caBundle: string): KubernetesObject {
  return places[object.kind]?.(object, caBundle) ?? object;
}

function webhooksTrusting(object: KubernetesObject, caBundle: string): KubernetesObject {
  const webhooks = Array.isArray(object['webhooks']) ? object['webhooks'] : [];
  const withAuthority = (webhook: Json): Json =>
    isObject(webhook) ? overlay(webhook, { clientConfig: { caBundle } }) : webhook;
  return { ...object, webhooks: webhooks.map(withAuthority) };
}

/** Without a webhook there is nothing to convert by, and no place for a CA. */
function conversionTrusting(object: KubernetesObject, caBundle: string): KubernetesObject {
  const { conversion } = specOf(object);
  if (!isObject(conversion) || !isObject(conversion['webhook'])) return object;
  return specWith(object, { conversion: { webhook: { clientConfig: { caBundle } } } });
}

function specWith(object: KubernetesObject, more: JsonObject): KubernetesObject {
  return { ...object, spec: overlay(specOf(object), more) };
}

function specOf(object: KubernetesObject): JsonObject {
  return isObject(object['spec']) ? object['spec'] : {};
}
