import { canonicalJson } from '../../canonical.ts';
import { componentSpec } from '../../components/component-spec.ts';
import type { Declaration } from '../../declaration/declaration.ts';
import { enrolled } from '../../declaration/enrolled.ts';
import { controlPlanes, controlPlaneNames } from '../../declaration/nodes.ts';
import type { EtcdMember, Membership } from '../../observation.ts';
import type { Facts } from '../facts.ts';
import { converged, declare } from './fleet.ts';
import type { Change } from './situations.ts';

/** A fleet of `from` control planes, steady for an hour and all on record, for which `to` are declared now (names from `leaves` go first). Everything runs as it is to run. */
export function resized({ from, to, leaves = [] }: { from: number; to: number; leaves?: string[] }): Facts {
  const all = declare({ controlPlanes: 5, workers: 2 });
  const names = controlPlaneNames(all);
  const before = names.slice(0, from);
  const staying = names.filter((name) => !leaves.includes(name)).slice(0, to);
  const keep = (wanted: string[]): Declaration => ({
    ...all,
    nodes: all.nodes.filter(({ name, control_plane }) => !control_plane || wanted.includes(name)),
  });
  const facts = converged(keep([...before, ...staying.filter((name) => !before.includes(name))]));
  const { observation } = facts;
  const { etcd, records, kubernetes } = observation;
  if (etcd.state !== 'observed' || records.etcd.state !== 'done' || kubernetes.state !== 'observed')
    throw new Error('a fleet that is converged is observed');
  etcd.members = etcd.members
    .filter(({ node }) => before.includes(node ?? ''))
    .map((member) => ({ ...member, sinceSeconds: 3600, appliedIndex: '5000' }));
  records.etcd.memberships = Object.fromEntries(
    etcd.members.map(({ node = '', id }) => [node, { directory: 'm-1', memberId: id, state: 'settled' as const }]),
  );
  records.nodes = Object.fromEntries(all.nodes.map((node) => [node.name, enrolled(node)]));
  const declaration = keep(staying);
  kubernetes.apiEndpoints.ready = controlPlanes(declaration)
    .filter(({ name }) => before.includes(name))
    .map(({ address }) => address);
  for (const name of staying.filter((one) => !before.includes(one))) {
    const seen = observation.nodes[name];
    if (seen?.state === 'observed') {
      delete seen.containers.etcd;
      delete seen.containers['kube-apiserver'];
    }
  }
  const departed = all.nodes.filter(({ name }) => before.includes(name) && !staying.includes(name));
  observation.departing = Object.fromEntries(
    departed.map((node) => {
      const seen = observation.nodes[node.name];
      delete observation.nodes[node.name];
      return [node.name, { node, seen: seen ?? { state: 'unreachable', code: 'NodeUnreachable', because: 'off' } }];
    }),
  );
  kubernetes.podsToEvict = Object.fromEntries(departed.map(({ name }) => [name, []]));
  records.drains = Object.fromEntries(
    departed.map(({ name }) => [name, { since: observation.at, at: observation.at, refused: [] }]),
  );
  for (const node of kubernetes.nodes) if (departed.some(({ name }) => name === node.name)) node.schedulable = 'no';
  // The proxies, which come first, follow the declaration: here they have done so.
  return { ...facts, declaration, compare: () => undefined };
}

/** A member that is being added on a declared control plane. */
export const learner =
  (node: string, change: Partial<EtcdMember> = {}, membership: Partial<Membership> = {}): Change =>
  (facts) => {
    const { etcd, records } = facts.observation;
    const address = facts.declaration.nodes.find(({ name }) => name === node)?.address ?? '';
    if (etcd.state !== 'observed' || records.etcd.state !== 'done') throw new Error('etcd is observed');
    etcd.members.push({
      id: '77',
      name: address,
      peerUrls: [`https://${address}:2380`],
      role: 'learner',
      node,
      sync: 'synced',
      leader: 'follower',
      version: '3.6.16',
      appliedIndex: '5000',
      sinceSeconds: 5,
      alarms: [],
      ...change,
    });
    records.etcd.memberships[node] = { directory: 'm-1', memberId: '77', state: 'first-start', ...membership };
    return facts;
  };

/** The member's container runs from its settled spec. */
export const settledContainer =
  (name: string): Change =>
  (facts) => {
    const { declaration, observation } = facts;
    const node = declaration.nodes.find((one) => one.name === name);
    const seen = observation.nodes[name];
    if (node === undefined || seen?.state !== 'observed' || seen.containers.kubelet === undefined)
      throw new Error(`${name} is observed`);
    const membership = { start: 'settled' as const, directory: 'm-1' };
    const spec = canonicalJson(componentSpec({ declaration, node, component: 'etcd', membership }));
    seen.containers.etcd = { ...seen.containers.kubelet, id: `etcd@${name}`, spec };
    return facts;
  };

/** Machines that have left and are switched off. */
export const switchedOff =
  (...names: string[]): Change =>
  (facts) => {
    const { departing = {} } = facts.observation;
    for (const name of names) {
      const one = departing[name];
      if (one) one.seen = { state: 'unreachable', code: 'NodeUnreachable', because: `${name} does not answer` };
    }
    return facts;
  };
