import type { DepartureActivities } from '../../activities/contracts/steps.ts';
import type { NodeMandate } from '../../activities/contracts/mandates.ts';
import type { DeleteNodeObject, RemoveNode } from '../../cluster/steps/node-steps.ts';

type Departure = (RemoveNode | DeleteNodeObject)['kind'];

export const departureVerbs: Record<Departure, string> = {
  'remove-node': 'remove',
  'delete-node-object': 'delete the Node object of',
};

/** What is done to a node that has left the declaration. Each line is one effect, and can be repeated. */
export async function depart(kind: Departure, place: NodeMandate, departure: DepartureActivities): Promise<void> {
  if (kind === 'delete-node-object') await departure.deleteNodeObject(place);
  else await removeNode(place, departure);
}

/** From the kubelet, which would register the node again, to the API server, and the proxies that others reach it through. */
export const dismantlingOrder = [
  'kubelet',
  'kube-proxy',
  'kube-scheduler',
  'kube-controller-manager',
  'kube-apiserver',
  'vault-kms',
  'etcd-rivers',
  'rivers',
] as const;

/** The file container goes last: without it there would be no way to the files. */
async function removeNode(place: NodeMandate, departure: DepartureActivities): Promise<void> {
  for (const component of dismantlingOrder) await departure.removeContainer({ ...place, component });
  await departure.deleteNodeObject(place);
  await departure.removeFiles(place);
  await departure.removeFileContainer(place);
  await departure.forgetNode(place);
}
