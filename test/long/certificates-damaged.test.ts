import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retryingApiClient } from '../e2e/api-client.ts';
import { pairsOn } from '../e2e/certificates.ts';
import { containerIds } from '../e2e/containers.ts';
import { declaredNames, writeDeclaration } from '../e2e/declaration.ts';
import { byStranger, byVault, type ForgedPair } from './forged.ts';
import { standingCluster } from '../e2e/standing.ts';
import { apply, cke, cluster, doneSince, figure, lab, seconds, until } from '../e2e/story.ts';
import { countVaultRequests } from '../e2e/vault-requests.ts';

const controlPlanes = declaredNames.filter((name) => name.startsWith('cp-'));
const etcd = '/etc/etcd/pki';
const kubernetes = '/etc/kubernetes';

/** A file set that is damaged, each another one: how, and what history says then. */
interface Case {
  readonly what: string;
  readonly node: string;
  /** Without its extension. */
  readonly path: string;
  readonly damage: (place: {
    address: string;
    read: (file: string) => Promise<string>;
  }) => Promise<Partial<ForgedPair>>;
  readonly because: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'an expired one of an API server',
    node: 'cp-2',
    path: `${kubernetes}/pki/apiserver`,
    damage: ({ address }) =>
      byVault({ authority: 'kubernetes', role: 'apiserver-cp-2', commonName: 'kubernetes', address, ttl: '1s' }),
    because: /kube-apiserver on cp-2.*pki\/apiserver\.crt has expired at 20/u,
  },
  {
    what: 'one of a kubelet that is not valid yet',
    node: 'worker-1',
    path: `${kubernetes}/pki/kubelet`,
    damage: ({ address }) =>
      byStranger({ commonName: 'system:node:worker-1', addresses: [address], from: '20500101000000Z' }),
    because: /kubelet on worker-1.*pki\/kubelet\.crt is not valid before 2050-/u,
  },
  {
    what: 'one of an etcd peer by another CA',
    node: 'cp-3',
    path: `${etcd}/peer`,
    damage: ({ address }) => byStranger({ commonName: 'cp-3', addresses: ['127.0.0.1', address] }),
    because: /etcd on cp-3.*pki\/peer\.crt was not issued by the etcd-peer CA/u,
  },
  {
    what: 'one of an etcd server with the names of another node',
    node: 'cp-1',
    path: `${etcd}/server`,
    damage: () =>
      byVault({
        authority: 'server',
        role: 'etcd-server-cp-2',
        commonName: 'cp-2',
        address: lab.node('cp-2').address,
      }),
    because: /etcd on cp-1.*pki\/server\.crt names others than it should/u,
  },
  {
    what: 'a key of a kubelet that is not its certificate’s',
    node: 'worker-2',
    path: `${kubernetes}/pki/kubelet`,
    damage: async ({ address }) => {
      const { key } = await byStranger({ commonName: 'other', addresses: [address] });
      return { key };
    },
    because: /kubelet on worker-2.*pki\/kubelet\.key is not the key of its certificate/u,
  },
  {
    what: 'a certificate of a scheduler that is cut off',
    node: 'cp-1',
    path: `${kubernetes}/scheduler/scheduler`,
    damage: async ({ read }) => ({ certificate: (await read('crt')).slice(0, 400) }),
    because: /kube-scheduler on cp-1.*scheduler\.crt is no certificate, or part of one/u,
  },
];

/** Into the very file that a component reads, as somebody with root on the node would. */
async function spoil({ node: name, path, damage }: Case): Promise<void> {
  const node = lab.node(name);
  const read = (extension: string) => node.exec(['cat', `${path}.${extension}`]);
  const { certificate, key } = await damage({ address: node.address, read });
  const write = (extension: string, text: string) => node.exec(['sh', '-c', `cat > ${path}.${extension}`], text);
  if (certificate !== undefined) await write('crt', certificate);
  if (key !== undefined) await write('key', key);
}

describe('certificates on nodes', () => {
  beforeAll(async () => {
    await standingCluster();
    await apply(
      writeDeclaration((document) => document.set('reconcile', { interval_seconds: 10, file_check_seconds: 10 })),
    );
  });
  afterAll(async () => {
    await apply(writeDeclaration());
  });

  test('that somebody has damaged are found and made anew by themselves, and history says why', async () => {
    const client = retryingApiClient(controlPlanes);
    const begun = Date.now();
    for (const one of cases) await spoil(one);
    for (const { what, because } of cases)
      await until(
        `${what} in history`,
        async () => (await doneSince(begun)).some((step) => because.test(step)) || undefined,
        {
          seconds: 180,
          everyMilliseconds: 1000,
        },
      );
    figure('six damaged certificates found and repaired', seconds(Date.now() - begun));
    await until('files as they were installed', async () => (await isSound()) || undefined, {
      seconds: 180,
      everyMilliseconds: 1000,
    });
    expect(await unfittingPairs()).toEqual([]);
    expect(await client.stop()).toBeGreaterThan(0);
    expect(client.failed, 'requests that no retry saved').toEqual([]);
  });

  test('are all made anew at a person’s wish, and no request is lost', async () => {
    const before = await serials();
    const members = await etcdContainers();
    const client = retryingApiClient(controlPlanes);
    const begun = performance.now();
    const { requests, issued } = await countVaultRequests(async () => {
      const said = await cke('certificates', 'rotate', '--cluster', cluster);
      expect(said.code, said.stderr).toBe(0);
    });
    figure('all certificates of 3+2 anew', seconds(performance.now() - begun));
    figure('Vault requests for each certificate', `${(requests / issued).toFixed(2)} (${requests} for ${issued})`);
    figure('requests answered meanwhile', await client.stop());
    expect(client.failed, 'requests that no retry saved').toEqual([]);
    const after = await serials();
    expect(after.length).toBe(before.length);
    expect(
      after.filter((serial) => before.includes(serial)),
      'certificates that stayed',
    ).toEqual([]);
    expect(await etcdContainers(), 'etcd is not restarted for a certificate').toEqual(members);
    expect(await unfittingPairs()).toEqual([]);
  });
});

async function isSound(): Promise<boolean> {
  return (await cke('certificates', 'check', '--cluster', cluster)).code === 0;
}

async function pairs() {
  return (await Promise.all(declaredNames.map((name) => pairsOn(lab.node(name))))).flat();
}

async function unfittingPairs() {
  return (await pairs()).filter(({ fits }) => !fits);
}

async function serials(): Promise<string[]> {
  return [...new Set((await pairs()).map(({ serial }) => serial))];
}

async function etcdContainers(): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await containerIds()).filter(([place]) => place.endsWith('/etcd')));
}
