import { expect, test } from 'vitest';
import { etcdWith } from '../../cluster/etcd/test-members.ts';
import { destructionActivities } from './destruction.ts';
import { mandate, sceneWith } from './membership/testing/scene.ts';

type Ports = Parameters<typeof destructionActivities>[0];

test.each([
  ['trash', [/^rename .*etcd-cke\/m-1.*etcd-cke\/trash\/1-7-\d+"/u, /^record$/u]],
  ['purge', [/^remove tree .*m-1"/u, /^remove tree .*trash"/u, /^record$/u]],
] as const)('the data of a cluster that is given up, a person having said %s (W-02)', async (data, effects) => {
  const memberships = { 'cp-1': { directory: 'm-1', memberId: '1', state: 'settled' as const } };
  const { ports, happened } = sceneWith({ etcd: etcdWith({ synced: 3 }), memberships, container: 'exited' });
  const activities = destructionActivities(ports as unknown as Ports);
  await activities.giveUpData({ ...mandate, node: 'cp-1', data });
  expect(happened).toEqual(effects.map((effect) => expect.stringMatching(effect) as unknown));
});
