import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { ChannelAgent } from './channel-agent.ts';

test('docker-modem describes the agent at each request, and does not walk over the connections behind it', () => {
  const agent = new ChannelAgent({ channels: 1, open: () => Promise.reject(new Error('not opened')) });
  expect(inspect({ agent }, { showHidden: true, depth: null })).toBe('{ agent: ChannelAgent }');
});
