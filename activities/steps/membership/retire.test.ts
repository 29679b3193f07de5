import { describe, expect, test } from 'vitest';
import { etcdWith, memberOf } from '../../../cluster/etcd/test-members.ts';
import type { Membership } from '../../../cluster/observation.ts';
import { recordRemoval, stopRemovedMember, trashDirectory } from './retire.ts';
import { mandate, sceneWith, type Scene } from './testing/scene.ts';

const node = 'cp-9';
const place = { ...mandate, node };
const removed: Membership = { directory: 'm-9', memberId: '9', state: 'removed' };
const three = etcdWith({ synced: 3 });
const stillListed = { ...three, members: [...three.members, memberOf(9, { sync: 'unsynced' })] };

const scene = (change: Partial<Scene> = {}) => sceneWith({ etcd: three, memberships: { [node]: removed }, ...change });

describe('what is left of a member', () => {
  test('its directory is renamed into the trash, and nothing is deleted (W-02)', async () => {
    const { ports, happened } = scene();
    await trashDirectory(ports, place);
    expect(happened).toEqual([expect.stringMatching(/^rename .*etcd-cke\/m-9.*etcd-cke\/trash\/9-7-\d+"/u)]);
  });

  test.each<[string, Partial<Scene>]>([
    ['while the member is listed (W-01)', { etcd: stillListed }],
    ['while a container uses it (W-07)', { container: 'running' }],
    ['when nobody can look at it', { directory: 'unknown' }],
    [
      'when its member is not on record as removed (W-08)',
      { memberships: { [node]: { ...removed, state: 'settled' } } },
    ],
  ])('its directory stays %s', async (_, change) => {
    const { ports, happened } = scene(change);
    await expect(trashDirectory(ports, place)).rejects.toMatchObject({ complaint: { code: 'QuorumAtRisk' } });
    expect(happened).toEqual([]);
  });

  test('its process is not stopped while the member is listed (W-08)', async () => {
    const { ports, happened } = scene({ etcd: stillListed, container: 'running' });
    await expect(stopRemovedMember(ports, place)).rejects.toThrow('member 9 is in the list still');
    expect(happened).toEqual([]);
  });

  test('it is not recorded as removed while the member is listed (W-08)', async () => {
    const { ports, happened } = scene({ etcd: stillListed, memberships: { [node]: { ...removed, state: 'settled' } } });
    await expect(recordRemoval(ports, place)).rejects.toThrow('member 9 is in the list still');
    expect(happened).toEqual([]);
  });

  test('its process is stopped, then removed, once the member is out of the list', async () => {
    const { ports, happened } = scene({ container: 'running' });
    await stopRemovedMember(ports, place);
    expect(happened.map((line) => line.split(' ')[0])).toEqual(['stop', 'remove']);
  });
});
