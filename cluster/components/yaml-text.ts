import type { Json } from '../declaration/service-options.ts';

/** A JSON value as block-style YAML, keys in the order given. No library, so that workflow code may import it. */
export function yamlText(value: Json): string {
  return isInline(value) ? `${scalar(value)}\n` : `${lines(value).join('\n')}\n`;
}

function lines(value: Collection): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => nested(item, '- '));
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = scalar(key);
    if (isInline(inner)) return [`${name}: ${scalar(inner)}`];
    return [`${name}:`, ...lines(inner).map((line) => `  ${line}`)];
  });
}

function nested(item: Json, prefix: string): string[] {
  if (isInline(item)) return [prefix + scalar(item)];
  return lines(item).map((line, index) => (index === 0 ? prefix : '  ') + line);
}

type Collection = Json[] | { [key: string]: Json };

/** Scalars, and empty collections: they have no block form. */
function isInline(value: Json): value is Exclude<Json, Collection> {
  return value === null || typeof value !== 'object' || Object.keys(value).length === 0;
}

function scalar(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return isPlain(value) ? value : JSON.stringify(value);
}

/** Texts that every YAML reader takes as the string they are; all others are quoted. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z/][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@-]+)*$/.test(text)) return false;
  return !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text);
}
