import { describe, expect, test } from 'vitest';
import type { EtcdGateway, MemberList } from './gateway.ts';
import type { EtcdGateways } from './gateways.ts';
import { observeMembers } from './observe.ts';
import { createProber } from './probe.ts';

/** Of the member on 10.0.0.N, whose id is N. */
interface Told {
  clusterId?: string;
  /** Ids in its list. */
  lists: number[];
}

const member = (number: number): MemberList['members'][number] => ({
  id: String(number),
  name: `m${number}`,
  peerUrls: [`https://10.0.0.${number}:2380`],
  clientUrls: [`https://10.0.0.${number}:2379`],
  role: 'voter',
});

const status = (number: number, clusterId: string) => ({
  clusterId,
  memberId: String(number),
  leaderId: '1',
  term: '2',
  revision: '10',
  appliedIndex: '20',
  version: '3.6.16',
  role: 'voter' as const,
  alarms: [],
});

/** What is seen of three control planes that each tell this. */
function look(told: [Told, Told, Told], knownMembers?: string[]) {
  const gatewayOf = (endpoint: string): Partial<EtcdGateway> => {
    const number = Number(/10\.0\.0\.(\d+)/u.exec(endpoint)?.[1]);
    const { clusterId = '77', lists } = told[number - 1] ?? { lists: [] };
    return {
      endpoint,
      status: async () => status(number, clusterId),
      members: async () => ({ clusterId, members: lists.map(member) }),
    };
  };
  const gateways = { at: (_reach: unknown, endpoint: string) => gatewayOf(endpoint), keepOnly: () => undefined };
  const nodes = [1, 2, 3].map((number) => ({ name: `cp-${number}`, address: `10.0.0.${number}` }));
  const reach = { cluster: 'demo', nodes, credentials: { ca: '', certificate: '', privateKey: '' }, knownMembers };
  return observeMembers({ gateways: gateways as unknown as EtcdGateways, prober: createProber() }, reach);
}

const all = { lists: [1, 2, 3] };

describe('what the members tell is one cluster, or nothing is known (I-14)', () => {
  test('all tell the same', async () => {
    const seen = await look([all, all, all]);
    expect(seen).toMatchObject({
      state: 'observed',
      members: [{ sync: 'synced' }, { sync: 'synced' }, { sync: 'synced' }],
    });
  });

  test('one lists other members', async () => {
    const seen = await look([all, all, { lists: [1, 2, 3, 4] }]);
    expect(seen).toMatchObject({ state: 'unobservable', because: expect.stringContaining('and cp-3 lists') as string });
  });

  test('one is a cluster of its own: it is out of sync, and the others are ours', async () => {
    const seen = await look([all, all, { clusterId: '5', lists: [3] }]);
    expect(seen).toMatchObject({ state: 'observed', clusterId: '77' });
    expect(seen.state === 'observed' && seen.members[2]).toMatchObject({ sync: 'unsynced' });
  });

  test('only a cluster with none of our members answers', async () => {
    const foreign = { clusterId: '5', lists: [3] };
    const seen = await look([foreign, foreign, foreign], ['1', '2']);
    expect(seen).toMatchObject({
      state: 'unobservable',
      because: expect.stringContaining('none of our members') as string,
    });
  });

  test('two clusters are told by as many members each', async () => {
    const own = (number: number) => ({ clusterId: String(number), lists: [number] });
    const seen = await look([own(1), own(2), own(3)]);
    expect(seen).toMatchObject({ state: 'unobservable', because: expect.stringContaining('two clusters') as string });
  });
});
