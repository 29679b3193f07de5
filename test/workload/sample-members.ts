import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientCredentials } from '../../activities/credentials.ts';
import { openEtcdGateway, type MemberList } from '../../activities/etcd/gateway.ts';
import { clientUrl } from '../../activities/etcd/gateways.ts';
import type { MemberSample } from './members.ts';

export interface Machine {
  readonly address: string;
  /** When its etcd was started, by its engine; undefined for one that does not run, or a machine without power. */
  etcdRunsSince(): Promise<string | undefined>;
  /** Whether the story itself has taken it out. */
  isExcused(): boolean;
}

const everyMilliseconds = 1_000;
const timeoutMs = 2_000;

/** Looks at etcd once a second until it is stopped, from outside: the engines' own words first, then every member's. */
export function sampleMembers(machines: readonly Machine[], credentials: ClientCredentials) {
  const eyes = machines.map((machine) => ({
    machine,
    gateway: openEtcdGateway({ endpoint: clientUrl(machine.address), credentials, timeoutMs }),
  }));
  const samples: MemberSample[] = [];
  const stopped = new AbortController();
  const look = async () => {
    const at = performance.now();
    const excused = machines.filter((machine) => machine.isExcused()).map(({ address }) => address);
    const since = await Promise.all(machines.map(async (one) => [one.address, await one.etcdRunsSince()] as const));
    const running = eyes.filter(({ machine }) => since.some(([address, from]) => address === machine.address && from));
    const lists = await Promise.allSettled(running.map(({ gateway }) => gateway.members()));
    const list = lists.find((one) => one.status === 'fulfilled')?.value;
    const statuses = await Promise.allSettled(running.map(({ gateway }) => gateway.status()));
    samples.push({
      at,
      ...(list && { members: membersOf(list) }),
      runningSince: Object.fromEntries(
        since.flatMap(([address, from]) => (from === undefined ? [] : [[address, from]])),
      ),
      answering: running.flatMap(({ machine }, index) =>
        statuses[index]?.status === 'fulfilled' ? [machine.address] : [],
      ),
      excused,
    });
  };
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      const next = performance.now() + everyMilliseconds;
      await look();
      await sleep(Math.max(0, next - performance.now()));
    }
  })();
  return {
    async stop(): Promise<MemberSample[]> {
      stopped.abort();
      await looking;
      for (const { gateway } of eyes) gateway.close();
      return samples;
    },
  };
}

function membersOf({ members }: MemberList): NonNullable<MemberSample['members']> {
  return members.map(({ id, peerUrls, role }) => ({ id, address: new URL(peerUrls[0] ?? '').hostname, role }));
}
