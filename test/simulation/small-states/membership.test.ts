import { expect, test } from 'vitest';
import { unsafeMembershipCalls } from './membership.ts';

test('one to five voters, each up, down or out of sight: no change of the members that breaks a rule is sent to etcd', async () => {
  const { states, sent, unsafe } = await unsafeMembershipCalls({ enough: 3 });
  expect(unsafe).toEqual([]);
  expect(states).toBeGreaterThan(10_000);
  expect(sent, 'some changes are sent, or nothing would be tested').toBeGreaterThan(500);
});
