import { isMap, isSeq, parseDocument } from 'yaml';
import { CkeError } from '../errors.ts';

export interface NodeReplacement {
  /** Text of the declaration. */
  text: string;
  /** Name of the node that goes: its hostname, or its address. */
  old: string;
  /** The machine that takes its place. */
  address: string;
  hostname?: string;
  user?: string;
}

/**
 * The declaration with one machine in the place of another: role, labels, annotations and taints stay, and so does all the rest
 * of the text, comments included. A host key that was declared for the old machine goes with it.
 * @throws CkeError InvalidRequest when the old node is not declared, or the new one is already
 */
export function replaceNodeText({ text, old, address, hostname, user }: NodeReplacement): string {
  const document = parseDocument(text);
  const nodes = document.get('nodes');
  const items = isSeq(nodes) ? nodes.items.filter((item) => isMap(item)) : [];
  const isNamed = (item: (typeof items)[number], name: string) =>
    [item.get('hostname'), item.get('address')].includes(name);
  const going = items.find((item) => isNamed(item, old));
  if (going === undefined)
    throw invalid(`${old} is not in the declaration`, 'cke-client nodes lists the declared ones');
  const taken = items.find((item) => isNamed(item, address) || (hostname !== undefined && isNamed(item, hostname)));
  if (taken !== undefined)
    throw invalid(
      `${hostname ?? address} is in the declaration already`,
      'name a machine that is not part of the cluster',
    );
  going.set('address', address);
  if (hostname === undefined) going.delete('hostname');
  else going.set('hostname', hostname);
  if (user !== undefined) going.set('user', user);
  if (going.hasIn(['ssh', 'host_key'])) going.deleteIn(['ssh', 'host_key']);
  return document.toString({ lineWidth: 0 });
}

function invalid(message: string, fix: string): CkeError {
  return new CkeError({ code: 'InvalidRequest', message, fix, remedy: 'never' });
}
