import type { ConfigDocument, Json } from '../declaration/service-options.ts';
import { yamlText } from './yaml-text.ts';

type JsonObject = { [field: string]: Json };

interface ConfigLayers {
  apiVersion: string;
  kind: string;
  /** What holds unless the user says otherwise. */
  defaults: JsonObject;
  /** The user's document. */
  declared: ConfigDocument | undefined;
  /** What holds whatever the user says. */
  forced: JsonObject;
}

/**
 * Text of a component's configuration file, by CKE's rule (reference §1.7): the user's document over our defaults (objects
 * merge, everything else replaces), then the forced values over both.
 */
export function configText({ apiVersion, kind, defaults, declared, forced }: ConfigLayers): string {
  const merged = overlay(overlay(defaults, declared ?? {}), forced);
  return yamlText({ apiVersion, kind, ...merged });
}

/** `above` over `below`: objects merge, arrays and scalars replace. */
export function overlay(below: JsonObject, above: JsonObject): JsonObject {
  const result: JsonObject = { ...below };
  for (const [field, value] of Object.entries(above)) {
    const under = result[field];
    result[field] = isObject(under) && isObject(value) ? overlay(under, value) : value;
  }
  return result;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
