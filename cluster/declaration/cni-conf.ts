import type { PlacedFinding } from './field.ts';
import { isMapping } from './mapping.ts';
import type { CniConfFile } from './service-options.ts';

/** What stands for the node's own pod CIDR in the content. */
export const POD_CIDR_PLACEHOLDER = '$POD_CIDR';

/** What libcni would refuse: JSON, name, plug-in types. `.conflist` holds a list of plug-ins, any other name a single one. */
export function cniConfFindings({ name, content }: CniConfFile): PlacedFinding[] {
  const parsed = parseJson(content);
  if (parsed === undefined) return [found('it is not a JSON object')];
  const type = name.endsWith('.conflist') ? pluginListReason(parsed) : pluginReason(parsed);
  const reason =
    typeof parsed['name'] === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(parsed['name']) ? type : 'it has no usable name';
  return reason === undefined ? [] : [found(reason)];
}

function pluginListReason({ plugins }: Record<string, unknown>): string | undefined {
  if (!Array.isArray(plugins) || plugins.length === 0) return 'a .conflist needs a list of plugins';
  return plugins.every((plugin: unknown) => isMapping(plugin) && pluginReason(plugin) === undefined)
    ? undefined
    : 'each plugin needs a type';
}

function pluginReason({ type, plugins }: Record<string, unknown>): string | undefined {
  if (typeof type === 'string' && type !== '') return undefined;
  return plugins === undefined ? 'it has no type' : 'a list of plugins belongs into a file named .conflist';
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isMapping(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const found = (reason: string): PlacedFinding => ({
  at: ['content'],
  finding: {
    code: 'invalid-cni-conf',
    got: 'a CNI configuration',
    want: 'JSON of a CNI configuration with name and type (or plugins)',
    hint: `${reason}; the container runtime would keep the node NotReady`,
  },
});
