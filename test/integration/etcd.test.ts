import { openEtcdClient } from '../../activities/etcd/client.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createEtcdClusters, type EtcdClusters } from '../../activities/etcd/clusters.ts';
import { EtcdCallError, openEtcdGateway } from '../../activities/etcd/gateway.ts';
import type { EtcdMember, EtcdObservation } from '../../cluster/observation.ts';
import { reachOf, startTestEtcd, type TestEtcd } from '../fixtures/etcd-cluster.ts';

let etcd: TestEtcd;
let clusters: EtcdClusters;
const observe = () => clusters.observe(reachOf(etcd));
const memberOn = (seen: EtcdObservation, node: string): Partial<EtcdMember> =>
  (seen.state === 'observed' && seen.members.find((member) => member.node === node)) || {};
const membersOf = (seen: EtcdObservation): EtcdMember[] => (seen.state === 'observed' ? seen.members : []);
const syncs = (seen: EtcdObservation) =>
  membersOf(seen)
    .map(({ node, sync }) => `${node} ${sync}`)
    .toSorted();
const allSynced = async () =>
  expect.poll(async () => syncs(await observe()), { timeout: 20_000 }).toEqual(['m1 synced', 'm2 synced', 'm3 synced']);

beforeAll(async () => {
  etcd = await startTestEtcd(3);
  clusters = createEtcdClusters({ timeoutMs: 1_500 });
});
afterAll(async () => {
  clusters?.close();
  await etcd?.down();
});

describe('looking at a cluster', () => {
  afterEach(async () => {
    for (const member of etcd.members) member.thaw();
    await Promise.all(etcd.members.filter(({ running }) => !running).map((member) => member.start()));
    await allSynced();
  });

  test('what does a healthy one look like, and is the second look quick?', async () => {
    const seen = await observe();
    expect(seen).toMatchObject({ state: 'observed', authentication: 'disabled' });
    expect(membersOf(seen)).toHaveLength(3);
    for (const member of membersOf(seen)) {
      expect(member).toMatchObject({ role: 'voter', sync: 'synced', version: '3.6.16', alarms: [] });
      expect(member.id).toMatch(/^\d{15,20}$/u);
    }
    expect(
      membersOf(seen)
        .map(({ leader }) => leader)
        .toSorted(),
    ).toEqual(['follower', 'follower', 'leader']);
    const begun = performance.now();
    for (let n = 0; n < 20; n++) await observe();
    const each = (performance.now() - begun) / 20;
    console.log(`a look at three members: ${each.toFixed(1)} ms`);
    expect(each).toBeLessThan(200);
  });

  test('is a member that was stopped seen as not in sync, with what is the matter?', async () => {
    await etcd.member('m2').end('SIGTERM');
    const seen = await observe();
    expect(memberOn(seen, 'm2')).toMatchObject({
      sync: 'unsynced',
      because: expect.stringContaining('nothing listens'),
    });
    expect(syncs(seen)).toEqual(['m1 synced', 'm2 unsynced', 'm3 synced']);
  });

  test('is a frozen member unknown, and the look over in time?', async () => {
    const frozen = membersOf(await observe()).find(({ leader }) => leader === 'follower')?.node ?? '';
    etcd.member(frozen).freeze();
    const begun = performance.now();
    const seen = await observe();
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(memberOn(seen, frozen)).toMatchObject({ sync: 'unknown', because: expect.stringContaining('in time') });
    expect(syncs(seen).filter((line) => line.endsWith(' synced'))).toHaveLength(2);
  });

  test('does a look while the leader is frozen end in time, and the next ones see the new leader?', async () => {
    const frozen = membersOf(await observe()).find(({ leader }) => leader === 'leader')?.node ?? '';
    etcd.member(frozen).freeze();
    const begun = performance.now();
    await observe();
    expect(performance.now() - begun).toBeLessThan(4_000);
    const leader = async () => membersOf(await observe()).find((member) => member.leader === 'leader')?.node;
    await expect.poll(leader, { timeout: 10_000 }).toMatch(new RegExp(`^(?!${frozen})m\\d$`, 'u'));
    expect(memberOn(await observe(), frozen)).toMatchObject({ sync: 'unknown' });
  });

  test('is a cluster without a quorum unobservable, node by node?', async () => {
    await etcd.member('m1').end('SIGKILL');
    await etcd.member('m2').end('SIGKILL');
    const seen = await observe();
    expect(seen).toMatchObject({
      state: 'unobservable',
      because: expect.stringMatching(/m1: nothing listens.*m2: nothing listens.*m3: /u),
    });
  });
});

const kindOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof EtcdCallError ? error.failure.kind : String(error)),
  );

test('is a failed call put into the right class by the words of the real server?', async () => {
  const gateway = openEtcdGateway({
    endpoint: etcd.member('m1').clientUrl,
    credentials: etcd.credentials,
    timeoutMs: 5_000,
  });
  const seen = membersOf(await observe());
  const follower = seen.find(({ leader, node }) => leader === 'follower' && node !== 'm1')?.id ?? '';
  expect(await kindOf(gateway.remove('12345')), 'member not found').toBe('maybe-applied');
  expect(await kindOf(gateway.promote(follower)), 'can only promote a learner').toBe('maybe-applied');
  const sameUrl = () => kindOf(gateway.addLearner(etcd.member('m2').peerUrl));
  expect(await sameUrl(), 'unhealthy cluster, just after a start, or peer URL exists').toMatch(
    /^(wait|maybe-applied)$/u,
  );
  await expect.poll(sameUrl, { timeout: 15_000, interval: 500 }).toBe('maybe-applied');
  expect(await kindOf(gateway.moveLeader('12345')), 'bad transferee or not the leader').toMatch(/^(refused|wait)$/u);
  expect(await kindOf(gateway.auth((auth) => auth.authEnable())), 'no root user').toBe('refused');
  const nobody = openEtcdGateway({ endpoint: 'https://127.0.0.1:1', credentials: etcd.credentials, timeoutMs: 1_000 });
  expect(await kindOf(nobody.status())).toBe('unavailable');
  nobody.close();
  gateway.close();
});

test('does leadership move where it is told to, and stay when it is there?', async () => {
  const to = membersOf(await observe()).find(({ leader }) => leader === 'follower')?.id ?? '';
  await clusters.moveLeader({ ...reachOf(etcd), to });
  expect(membersOf(await observe()).find(({ leader }) => leader === 'leader')?.id).toBe(to);
  await clusters.moveLeader({ ...reachOf(etcd), to });
  await expect(clusters.moveLeader({ ...reachOf(etcd), to: '1' })).rejects.toThrow('etcd has no member 1');
});

describe('a member that lost its disk and was started with no initial flags', () => {
  test('is it seen as another cluster, in both directions?', async () => {
    const known = membersOf(await observe()).map(({ id }) => id);
    await etcd.member('m2').end('SIGTERM');
    etcd.member('m2').wipe();
    await etcd.member('m2').start();
    const seen = await observe();
    expect(memberOn(seen, 'm2')).toMatchObject({
      sync: 'unsynced',
      because: expect.stringContaining('another cluster'),
    });
    expect(memberOn(seen, 'm1')).toMatchObject({ sync: 'synced' });
    await etcd.member('m1').end('SIGTERM');
    await etcd.member('m3').end('SIGTERM');
    const alone = await clusters.observe({ ...reachOf(etcd), knownMembers: known });
    expect(alone).toMatchObject({ state: 'unobservable', because: expect.stringContaining('none of our members') });
    await Promise.all([etcd.member('m1').start(), etcd.member('m3').start()]);
    await etcd.member('m2').end('SIGKILL');
    etcd.member('m2').wipe();
  });

  test('is the failed member removed, a new one added as a learner, promoted, and each call harmless when repeated?', async () => {
    const reach = reachOf(etcd);
    const m2 = etcd.member('m2');
    await expect.poll(async () => (await observe()).state, { timeout: 15_000 }).toBe('observed');
    const failed = memberOn(await observe(), 'm2').id ?? '';
    const removal = { ...reach, memberId: failed, failedSeconds: 600, graceSeconds: 600 } as const;
    const add = { ...reach, peerUrl: m2.peerUrl, wantedSize: 3, stableSeconds: 10 };
    await expect(clusters.addLearner(add), 'add before remove').rejects.toThrow('has a member with the peer URL');
    await expect(clusters.removeFailedVoter({ ...removal, cause: 'none' })).rejects.toThrow('no reason by itself');
    await clusters.removeFailedVoter({ ...removal, cause: 'directory-lost' });
    await clusters.removeFailedVoter({ ...removal, cause: 'directory-lost' });
    await sleep(2_100);
    const adding = () => clusters.addLearner(add).catch(String);
    await expect.poll(adding, { timeout: 15_000, interval: 500 }).toMatch(/^\d+$/u);
    const learner = await adding();
    expect(await clusters.addLearner(add), 'adopted').toBe(learner);
    expect(memberOn(await observe(), 'm2')).toMatchObject({
      role: 'learner',
      sync: 'unsynced',
      because: expect.stringContaining('never started'),
    });
    const promotion = { ...reach, memberId: learner, directory: 'matches', caughtUpSeconds: 2 } as const;
    await expect(clusters.promote(promotion)).rejects.toThrow('never started');
    await m2.launch(etcd.initial([etcd.member('m1'), etcd.member('m3'), m2], 'existing'));
    await expect.poll(async () => memberOn(await observe(), 'm2').sync, { timeout: 15_000 }).toBe('synced');
    await clusters.promote(promotion);
    await clusters.promote(promotion);
    await allSynced();
    expect(membersOf(await observe()).map(({ role }) => role)).toEqual(['voter', 'voter', 'voter']);
  });
});

test('is a healthy voter of three kept, and one of four let go once it does not lead?', async () => {
  const reach = reachOf(etcd);
  const surplus = etcd.another();
  const follower = membersOf(await observe()).find(({ leader }) => leader === 'follower');
  const removal = { ...reach, memberId: follower?.id ?? '', wantedSize: 3, stableSeconds: 10 };
  await expect(clusters.removeHealthyVoter(removal)).rejects.toThrow('there are 3 voters and 3 are wanted');
  const grown = { ...reachOf(etcd), peerUrl: surplus.peerUrl, wantedSize: 3, stableSeconds: 10 };
  await expect
    .poll(() => clusters.addLearner(grown).catch(String), { timeout: 15_000, interval: 500 })
    .toMatch(/^\d+$/u);
  await surplus.launch(etcd.initial(etcd.members, 'existing'));
  const look = () => clusters.observe(grown);
  await expect.poll(async () => memberOn(await look(), surplus.name).sync, { timeout: 15_000 }).toBe('synced');
  const memberId = memberOn(await look(), surplus.name).id ?? '';
  await clusters.promote({ ...grown, memberId, directory: 'matches', caughtUpSeconds: 2 });
  await expect.poll(async () => syncs(await look()).filter((line) => line.endsWith(' synced')).length).toBe(4);
  await clusters.moveLeader({ ...grown, to: memberId });
  await expect(clusters.removeHealthyVoter({ ...removal, ...grown, memberId })).rejects.toThrow(
    'leadership is moved away first',
  );
  await clusters.moveLeader({ ...grown, to: follower?.id ?? '' });
  await clusters.removeHealthyVoter({ ...removal, ...grown, memberId });
  await surplus.end('SIGTERM');
  etcd.members.pop();
  await allSynced();
});

const withUser = async (name: string) => {
  await etcd.authority.issue({ name, commonName: name, addresses: [] });
  return openEtcdGateway({
    endpoint: etcd.member('m1').clientUrl,
    credentials: etcd.authority.credentials(name),
    timeoutMs: 3_000,
  });
};

describe('authentication', () => {
  test('is it set up from a half done state, twice without harm, and seen?', async () => {
    const root = await withUser('root');
    await root.auth((auth) => auth.userAdd({ name: 'kube-apiserver', options: { no_password: true } }));
    await root.auth((auth) => auth.roleAdd({ name: 'kube-apiserver' }));
    await clusters.enableAuthentication(reachOf(etcd));
    await clusters.enableAuthentication(reachOf(etcd));
    expect(await observe()).toMatchObject({ authentication: 'enabled' });
    await allSynced();
    const { roles } = await root.auth((auth) => auth.userGet({ name: 'kube-apiserver' }));
    expect(roles.toSorted()).toEqual(['kube-apiserver', 'root']);
    root.close();
  });

  test('does an application’s user reach its own keys and no others, also when it was left half made?', async () => {
    const root = await withUser('root');
    await root.auth((auth) => auth.roleAdd({ name: 'app' }));
    root.close();
    const wanted = { user: 'app', role: 'app', prefix: '/app/' };
    await clusters.ensureUser({ ...reachOf(etcd), wanted });
    await clusters.ensureUser({ ...reachOf(etcd), wanted });
    await etcd.authority.issue({ name: 'app', commonName: 'app', addresses: [] });
    const { clientUrl: endpoint } = etcd.member('m1');
    const client = openEtcdClient({ endpoint, credentials: etcd.authority.credentials('app'), timeoutMs: 3_000 });
    await client.put('/app/x').value('1').exec();
    expect(await client.get('/app/x').string()).toBe('1');
    for (const key of ['/app', '/app0', '/registry/secrets/a'])
      await expect(client.get(key).string(), key).rejects.toThrow('permission denied');
    client.close();
    const all = { ...wanted, prefix: '/registry/' };
    await expect(clusters.ensureUser({ ...reachOf(etcd), wanted: all })).rejects.toThrow('keys of Kubernetes');
  });

  test('is a certificate with another name refused, as that?', async () => {
    const stranger = await withUser('stranger');
    await expect(stranger.auth((auth) => auth.userList())).rejects.toThrow('user name not found');
    expect(await kindOf(stranger.auth((auth) => auth.userList()))).toBe('refused');
    stranger.close();
  });
});
