import { describe, expect, test } from 'vitest';
import { etcdWith } from '../../cluster/etcd/test-members.ts';
import { startMember } from './etcd-restart.ts';
import { mandate, sceneWith, type Scene } from './membership/testing/scene.ts';

const settled = '--initial-cluster=settled=https://127.0.0.1:2380';
const memberships = { 'cp-1': { directory: 'm-1', memberId: '1', state: 'settled' as const } };

function start(scene: Partial<Scene>) {
  const { ports, happened } = sceneWith({ etcd: etcdWith({ synced: 3 }), memberships, spec: settled, ...scene });
  return { happened, done: startMember(ports, { ...mandate, node: 'cp-1', containerId: 'etcd-id' }) };
}

describe('a member that has stopped', () => {
  test('is started as it stands on its own data', async () => {
    const { happened, done } = start({ container: 'exited' });
    await done;
    expect(happened).toEqual(['start "etcd-id"']);
  });

  test.each<[string, Partial<Scene>, string]>([
    ['when its directory has been emptied (W-05)', { container: 'exited', directory: 'empty' }, 'is empty'],
    ['when nobody can look at its directory (W-05)', { container: 'exited', directory: 'unknown' }, 'cannot observe'],
    ['when it was made for a first start (W-06)', { container: 'exited', spec: '--initial-cluster=a' }, 'settled spec'],
    ['when it is gone', {}, 'is gone'],
  ])('is not started %s', async (_, scene, says) => {
    const { happened, done } = start(scene);
    await expect(done).rejects.toThrow(says);
    expect(happened).toEqual([]);
  });
});
