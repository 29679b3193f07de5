import { controlPlanes, nodeNamed } from '../declaration/nodes.ts';
import { peerUrl } from '../components/etcd.ts';
import type { EtcdMember, EtcdRecord, Membership, Observation } from '../observation.ts';
import type { Predicting } from './predict.ts';
import { withContainer, withoutContainer } from './predicted-nodes.ts';

/** For as long as any rule wants something to have been stable. */
const longSeconds = 3_600;

const member = (node: string, address: string, role: EtcdMember['role']): EtcdMember => ({
  id: `predicted-${node}`,
  name: address,
  peerUrls: [peerUrl(address)],
  role,
  node,
  sync: 'synced',
  leader: 'follower',
  sinceSeconds: longSeconds,
  alarms: [],
});

/** A new cluster: every control plane votes, still from the spec of its first start. */
export function bornEtcd({ declaration, observation }: Predicting): Observation {
  const masters = controlPlanes(declaration);
  const memberships = (state: Membership['state']): Extract<EtcdRecord, { state: 'done' | 'started' }> => ({
    state: 'done',
    token: 'predicted',
    memberships: Object.fromEntries(
      masters.map(({ name }) => [name, { directory: 'predicted', memberId: `predicted-${name}`, state }]),
    ),
  });
  const records = (state: Membership['state']) => ({ ...observation.records, etcd: memberships(state) });
  const started = masters.reduce<Observation>(
    (seen, { name }) => withContainer({ declaration, observation: seen }, name, 'etcd'),
    { ...observation, records: records('first-start') },
  );
  const members = masters.map(({ name, address }) => member(name, address, 'voter'));
  return {
    ...started,
    records: records('settled'),
    etcd: { state: 'observed', clusterId: 'predicted', members, authentication: 'disabled' },
  };
}

export function addedMember({ declaration, observation }: Predicting, name: string): Observation {
  const node = nodeNamed(declaration, name);
  if (node === undefined) return observation;
  const membership: Membership = { directory: 'predicted', memberId: `predicted-${name}`, state: 'first-start' };
  const recorded = withMembership(observation, name, membership);
  const listed = withMembers(recorded, (members) => [
    ...members.filter((one) => one.node !== name),
    member(name, node.address, 'learner'),
  ]);
  return withContainer({ declaration, observation: listed }, name, 'etcd');
}

export function settledMember({ declaration, observation }: Predicting, name: string): Observation {
  const { etcd } = observation.records;
  const membership = etcd.state === 'never' ? undefined : etcd.memberships[name];
  if (membership === undefined) return observation;
  const recorded = withMembership(observation, name, { ...membership, state: 'settled' });
  return withContainer({ declaration, observation: recorded }, name, 'etcd');
}

export function promotedMember(observation: Observation, id: string): Observation {
  return withMembers(observation, (members) =>
    members.map((one) => (one.id === id ? { ...one, role: 'voter' as const } : one)),
  );
}

export function removedMember(observation: Observation, id: string, name: string): Observation {
  const { etcd } = observation.records;
  const membership = etcd.state === 'never' ? undefined : etcd.memberships[name];
  const listed = withMembers(observation, (members) => members.filter((one) => one.id !== id));
  return membership === undefined ? listed : withMembership(listed, name, { ...membership, state: 'removed' });
}

export function retiredMember({ declaration, observation }: Predicting, name: string): Observation {
  const { etcd } = observation.records;
  if (etcd.state === 'never') return observation;
  const { [name]: _gone, ...memberships } = etcd.memberships;
  const recorded = { ...observation, records: { ...observation.records, etcd: { ...etcd, memberships } } };
  return withoutContainer({ declaration, observation: recorded }, name, 'etcd');
}

function withMembers(observation: Observation, change: (members: EtcdMember[]) => EtcdMember[]): Observation {
  const { etcd } = observation;
  if (etcd.state !== 'observed') return observation;
  const members = change(etcd.members).map((one) => ({ ...one, sinceSeconds: longSeconds }));
  return { ...observation, etcd: { ...etcd, members } };
}

function withMembership(observation: Observation, name: string, membership: Membership): Observation {
  const { etcd } = observation.records;
  if (etcd.state === 'never') return observation;
  const memberships = { ...etcd.memberships, [name]: membership };
  return { ...observation, records: { ...observation.records, etcd: { ...etcd, memberships } } };
}
