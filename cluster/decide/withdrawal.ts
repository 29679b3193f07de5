import { addressOf } from './etcd-nodes.ts';
import type { Facts } from './facts.ts';

/** An API server that goes away, or is replaced, is taken out of the endpoints first: clients are not sent to it any more. */
export function whyNotWithdrawn({ declaration, observation }: Facts, node: string): string | undefined {
  const { kubernetes, records } = observation;
  const address = addressOf(declaration, records, node);
  if (kubernetes.state !== 'observed') return `whether clients are sent to ${node} can't be observed`;
  if (address === undefined || !kubernetes.apiEndpoints.ready.includes(address)) return undefined;
  return `${node} is withdrawn from the endpoints of the API first`;
}
