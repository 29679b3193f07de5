import { afterAll, expect, test } from 'vitest';
import { openEtcdClient } from '../../activities/etcd/client.ts';
import { createEtcdClusters } from '../../activities/etcd/clusters.ts';
import { failureCause } from '../../cluster/etcd/removal.ts';
import type { EtcdMember } from '../../cluster/observation.ts';
import { reachOf, startTestEtcd } from '../fixtures/etcd-cluster.ts';

/** In etcd's protocol; the client's own list ends before it. */
const corrupt: number = 2;

const etcd = await startTestEtcd(3);
const clusters = createEtcdClusters({ timeoutMs: 1_500 });
afterAll(() => {
  clusters.close();
  return etcd.down();
});

async function members(): Promise<EtcdMember[]> {
  const seen = await clusters.observe(reachOf(etcd));
  if (seen.state !== 'observed') throw new Error(seen.because);
  return seen.members;
}

test('a member that etcd calls corrupt: the others are in sync, it goes for that, and writes go on once the alarm is taken back', async () => {
  await expect
    .poll(async () => (await members()).map(({ sync }) => sync), { timeout: 20_000 })
    .not.toContain('unknown');
  const bad = (await members()).find(({ leader }) => leader === 'follower');
  const { clientUrl } = etcd.members.find(({ name }) => name !== bad?.node) ?? etcd.member('m1');
  const client = openEtcdClient({ endpoint: clientUrl, credentials: etcd.credentials, timeoutMs: 2_000 });
  const alarm = { memberID: bad?.id ?? '', alarm: corrupt };
  await client.maintenance.alarm({ action: 'Activate', ...alarm });
  await expect(client.put('a').value('b').exec()).rejects.toThrow('corrupt');

  const seen = await members();
  const { id = '', alarms = [] } = seen.find(({ node }) => node === bad?.node) ?? {};
  expect(seen.map(({ sync }) => sync).toSorted()).toEqual(['synced', 'synced', 'unsynced']);
  const removal = { ...reachOf(etcd), memberId: id, failedSeconds: 20, graceSeconds: 10 };
  await expect(clusters.removeFailedVoter({ ...removal, cause: 'not-declared' })).rejects.toThrow('are corrupt');
  const remove = () => clusters.removeFailedVoter({ ...removal, cause: failureCause({ alarms }, 'not-declared') });
  // etcd itself takes no change before its members have been connected for five seconds.
  await expect.poll(() => remove().then(() => 'removed', String), { timeout: 15_000, interval: 1_000 }).toBe('removed');
  expect((await members()).map(({ sync }) => sync)).toEqual(['synced', 'synced']);

  await client.maintenance.alarm({ action: 'Deactivate', ...alarm });
  await client.put('a').value('b').exec();
  expect(await client.get('a').string()).toBe('b');
  client.close();
});
