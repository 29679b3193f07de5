import { expect, test } from 'vitest';
import { converged, seen } from '../decide/testing/fleet.ts';
import { secondsUntilRenewal } from './next-renewal.ts';

const hour = 3_600_000;

/** How long the cluster rests, when certificates of etcd on control planes reach their renewal in so many hours. */
function rest(...hours: number[]): number {
  const facts = converged();
  const { declaration, observation } = facts;
  for (const node of Object.keys(observation.nodes))
    for (const container of Object.values(seen(facts, node).containers)) container.certificates = [];
  for (const [index, each] of hours.entries()) {
    const ends = Date.parse(observation.at) + (each + declaration.certificates.renew_before_hours) * hour;
    const notAfter = new Date(ends).toISOString();
    const container = seen(facts, `cp-${index + 1}`).containers.etcd;
    if (container) container.certificates = [{ kind: 'etcd-peer', serial: '01', notBefore: observation.at, notAfter }];
  }
  return secondsUntilRenewal(facts);
}

test.each<[string, number[], number]>([
  ['nobody holds any', [], Infinity],
  ['the first of several counts', [5, 2, 9], 7200],
  ['one whose time has come wakes nobody every second: it is being renewed, or can’t be', [-1, 3], 10_800],
  ['all have come to their time', [-1, 0], Infinity],
])('%s', (_name, hours, seconds) => {
  expect(rest(...hours)).toBe(seconds);
});
