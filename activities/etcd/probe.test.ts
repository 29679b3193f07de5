import { expect, test } from 'vitest';
import { EtcdCallError, type EtcdGateway } from './gateway.ts';
import { createProber } from './probe.ts';

const endpoint = 'https://10.0.0.1:2379';
const silence = new EtcdCallError(endpoint, { kind: 'unknown', because: 'Deadline exceeded' });
const refusal = new EtcdCallError(endpoint, { kind: 'unavailable', because: 'connect ECONNREFUSED' });

/** What a prober says of a member in each look, and how often that one was called. */
async function looks(...moments: { calls: Error | 'answers'; connects: boolean }[]) {
  let [now] = moments;
  let calls = 0;
  const status = async () => {
    calls += 1;
    if (now?.calls instanceof Error) throw now.calls;
    return {};
  };
  const gateway = { endpoint, status, members: status } as unknown as EtcdGateway;
  const prober = createProber(async () => now?.connects ?? false);
  const said: string[] = [];
  for (const moment of moments) {
    now = moment;
    said.push((await prober.probe(gateway)).state);
  }
  return { said, calls };
}

const off = { calls: silence, connects: false };
const frozen = { calls: silence, connects: true };
const on = { calls: 'answers' as const, connects: true };

test('a machine that was silent and can’t be connected to is not waited for again', async () => {
  expect(await looks(off, off, off)).toEqual({ said: ['silent', 'silent', 'silent'], calls: 2 });
});

test('one that can be connected to is asked each time, with the whole deadline', async () => {
  expect(await looks(frozen, frozen, off)).toEqual({ said: ['silent', 'silent', 'silent'], calls: 4 });
});

test('one that is back answers, and is asked at once from then on', async () => {
  expect(await looks(off, on, { calls: 'answers', connects: false })).toEqual({
    said: ['silent', 'answered', 'answered'],
    calls: 6,
  });
});

test('one that refuses was not silent', async () => {
  const down = { calls: refusal, connects: false };
  expect(await looks(down, down)).toEqual({ said: ['refused', 'refused'], calls: 4 });
});
