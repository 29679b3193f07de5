import { describe, expect, test } from 'vitest';
import { stableSeconds } from '../../cluster/etcd/quorum.ts';
import { mayAddLearner } from '../../cluster/etcd/addition.ts';
import { memberById, type ObservedEtcd } from '../../cluster/etcd/quorum.ts';
import { mayRemoveFailedVoter } from '../../cluster/etcd/removal.ts';
import { etcdWith } from '../../cluster/etcd/test-members.ts';
import { mayRestartVoter } from '../../cluster/etcd/restart.ts';
import { refused, refusedForNow, type Verdict } from '../../cluster/etcd/verdict.ts';
import { createSteadiness } from '../etcd/steadiness.ts';
import { onceTimeAllows } from './etcd-access.ts';

const mayAdd = (etcd: ObservedEtcd) =>
  mayAddLearner({ etcd, peerUrl: 'https://10.0.0.9:2380', wantedSize: 4, stableSeconds: stableSeconds(etcd) });

const mayRemove = (etcd: ObservedEtcd) =>
  mayRemoveFailedVoter({
    etcd,
    memberId: '3',
    cause: 'not-declared',
    failedSeconds: Math.floor(memberById(etcd, '3')?.sinceSeconds ?? 0),
    graceSeconds: 10,
  });

/** A worker that starts at second 0 and asks at once: for how long it waits, and what it is told then. */
async function asked(may: (etcd: ObservedEtcd) => Verdict, etcdAt: (second: number) => ObservedEtcd) {
  let now = 0;
  const steadiness = createSteadiness(() => now * 1000);
  const seen = await onceTimeAllows({
    observe: async () => steadiness.note('demo', etcdAt(now)) as ObservedEtcd,
    may,
    pause: async (seconds) => {
      now += seconds;
    },
  });
  return { after: now, verdict: may(seen) };
}

describe('a worker that has just started is to change etcd’s members, and remembers nothing', () => {
  const three = etcdWith({ synced: 3 });
  const oneDown = etcdWith({ synced: 2, down: 1 });

  test('an addition waits until the voters have been seen steady', async () =>
    expect(await asked(mayAdd, () => three)).toEqual({ after: 10, verdict: { kind: 'allowed' } }));

  test('a member that is down is given its grace, then it may go', async () =>
    expect(await asked(mayRemove, () => oneDown)).toEqual({ after: 10, verdict: { kind: 'allowed' } }));

  test('a rule that never allows it is not waited for without end', async () =>
    expect(
      await asked(
        () => refusedForNow('I-04', 'not yet'),
        () => three,
      ),
    ).toMatchObject({ after: 19 }));

  test('what time does not cure is refused at once', async () =>
    expect(
      await asked(
        () => refused('I-12', 'it is there already'),
        () => three,
      ),
    ).toMatchObject({ after: 0, verdict: { rule: 'I-12' } }));
});

describe('a member was slow to answer just when another is to be touched', () => {
  const three = etcdWith({ synced: 3 });
  const blind = etcdWith({ synced: 1, down: 2 });
  const mayRestart = (etcd: ObservedEtcd) => mayRestartVoter({ etcd, memberId: '1' });

  test('it is waited for', async () =>
    expect(await asked(mayRestart, (second) => (second < 3 ? blind : three))).toEqual({
      after: 3,
      verdict: { kind: 'allowed' },
    }));

  test('one that stays away is a reason', async () =>
    expect(await asked(mayRestart, () => blind)).toMatchObject({
      after: 19,
      verdict: { kind: 'refused', rule: 'I-03' },
    }));
});
