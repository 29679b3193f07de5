import { describe, expect, test } from 'vitest';
import { etcdWith, memberOf } from '../../../cluster/etcd/test-members.ts';
import type { Membership } from '../../../cluster/observation.ts';
import { removeMember } from './remove.ts';
import { mandate, sceneWith, type Scene } from './testing/scene.ts';

const settled = (memberId: string): Membership => ({ directory: `m-${memberId}`, memberId, state: 'settled' });
const memberships = { 'cp-1': settled('1'), 'cp-2': settled('2'), 'cp-3': settled('3'), 'cp-9': settled('9') };
const three = etcdWith({ synced: 3 });
const down = { sync: 'unsynced', sinceSeconds: 60 } as const;
const leaving = { ...three, members: [...three.members, memberOf(9, down)] };
const emptied = { ...three, members: three.members.map((one) => (one.id === '3' ? { ...one, ...down } : one)) };

type Removal = Omit<Parameters<typeof removeMember>[1], keyof typeof mandate>;

function remove(removal: Removal, scene: Partial<Scene> = {}) {
  const { ports, happened } = sceneWith({ etcd: leaving, memberships, ...scene });
  return { happened, done: removeMember(ports, { ...mandate, ...removal }) };
}

describe('a member is removed right away', () => {
  test.each<[string, Removal, Partial<Scene>]>([
    ['when it has failed and is not declared', { node: 'cp-9', memberId: '9', manner: 'failed-voter' }, {}],
    [
      'when its data are lost, although its node is declared',
      { node: 'cp-3', memberId: '3', manner: 'lost-data' },
      { etcd: emptied, directory: 'empty' },
    ],
  ])('%s', async (_, removal, scene) => {
    const { happened, done } = remove(removal, scene);
    await done;
    expect(happened).toEqual([expect.stringMatching(/^remove failed voter /u)]);
  });
});

describe('a member is not removed', () => {
  test.each<[string, Removal, Partial<Scene>, string]>([
    [
      'when the id is that of a member on another node (I-11)',
      { node: 'cp-8', memberId: '9', manner: 'failed-voter' },
      {},
      'member 9 is not that of cp-8',
    ],
    [
      'when its node is declared again (I-09)',
      { node: 'cp-3', memberId: '3', manner: 'failed-voter' },
      { etcd: emptied },
      'cp-3 is declared as a control plane',
    ],
    [
      'when its data are there again (W-05)',
      { node: 'cp-3', memberId: '3', manner: 'lost-data' },
      { etcd: emptied, directory: 'intact' },
      'its data are there',
    ],
  ])('%s', async (_, removal, scene, says) => {
    const { happened, done } = remove(removal, scene);
    await expect(done).rejects.toThrow(says);
    expect(happened).toEqual([]);
  });
});
