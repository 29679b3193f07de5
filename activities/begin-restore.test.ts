import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decide } from '../cluster/decide/decide.ts';
import { converged, declare } from '../cluster/decide/testing/fleet.ts';
import type { EtcdObservation, EtcdRecord, Membership } from '../cluster/observation.ts';
import { restoreActivities } from './begin-restore.ts';

const home = mkdtempSync(join(tmpdir(), 'cke-begin-'));
afterAll(() => rmSync(home, { recursive: true }));
const body = Buffer.alloc(1024, 1);
const [place, elsewhere] = [join(home, 'a.db'), join(home, 'b.db')];
writeFileSync(place, Buffer.concat([body, createHash('sha256').update(body).digest()]));
copyFileSync(place, elsewhere);

const { declaration, observation } = converged(declare());
const gone: EtcdObservation = { state: 'unobservable', because: 'nobody answers' };
const settled = (directory: string): Membership => ({ directory, memberId: directory, state: 'settled' });
const former = (name: string) => [name, { address: '10.9.9.9', user: 'u', control_plane: true, ssh: { port: 22 } }];

interface Scene {
  etcd?: EtcdObservation;
  /** Nodes whose etcd runs. */
  running?: string[];
  /** Beside those of the control planes. */
  memberships?: Record<string, Membership>;
}

function sceneWith({ etcd = gone, running = [], memberships = {} }: Scene) {
  const own = { 'cp-1': settled('m-1'), 'cp-2': settled('m-2'), 'cp-3': settled('m-3') };
  let record: EtcdRecord = { state: 'done', token: 't', memberships: { ...own, ...memberships } };
  const nodes: unknown = Object.fromEntries(Object.keys(memberships).map(former));
  const inspect = (name: string) => async () => (running.includes(name) ? { state: 'running' } : undefined);
  const ports = {
    store: {
      epochs: { acquire: async () => 8, current: async () => 8 },
      records: {
        all: async () => ({ ...observation.records, etcd: record, nodes }),
        getEtcdRecord: async () => ({ record, version: '1' }),
        putEtcdRecord: async (_cluster: string, changed: EtcdRecord) => void (record = changed),
      },
    },
    declarations: { get: async () => ({ declaration, revision: 1 }) },
    etcd: { observe: async () => etcd },
    nodes: { docker: ({ name }: { name: string }) => ({ inspect: inspect(name) }) },
    credentials: { etcd: async () => ({}) },
  } as unknown as Parameters<typeof restoreActivities>[0];
  const order = (at = place) =>
    restoreActivities(ports).beginRestore({ cluster: declaration.name, place: at, loss: 'accepted', by: 'alice' });
  return { order, record: () => record };
}

describe('a restore is ordered', () => {
  test('what is left of members of before holds up nothing: it is put away later', async () => {
    const { order, record } = sceneWith({ memberships: { 'cp-9': { ...settled('m-9'), state: 'removed' } } });
    await order();
    const facts = converged(declare());
    facts.observation.records.etcd = record();
    facts.observation.etcd = gone;
    const { steps, blockers } = decide(facts);
    expect(blockers).toEqual([]);
    expect(steps.map(({ kind }) => kind)).toContain('bootstrap-etcd');
  });

  test('again, with the same data at another place: it goes on with that', async () => {
    const { order, record } = sceneWith({});
    await order();
    const before = record();
    await order(elsewhere);
    const after = record();
    expect(after).toMatchObject({ restore: { place: elsewhere } });
    if (before.state === 'never' || after.state === 'never') throw new Error('there is a record');
    expect([after.token, after.memberships]).toEqual([before.token, before.memberships]);
  });
});

describe('75: a restore is refused', () => {
  test('while members run that this worker alone can’t ask', async () => {
    const members = converged(declare()).observation.etcd;
    if (members.state !== 'observed') throw new Error('etcd is observed');
    for (const member of members.members.slice(1)) member.sync = 'unknown';
    const { order } = sceneWith({ etcd: members, running: ['cp-1', 'cp-2', 'cp-3'] });
    await expect(order()).rejects.toThrow('is not restored');
  });

  test.each(['first-start', 'settled'] as const)('while the quorum runs beside a learner (%s)', async (state) => {
    const memberships = { 'cp-4': { ...settled('m-4'), state } };
    const { order } = sceneWith({ running: ['cp-1', 'cp-2'], memberships });
    await expect(order()).rejects.toThrow('is not restored');
  });

  test('while the quorum runs on nodes that leave', async () => {
    const memberships = { 'old-1': settled('o-1'), 'old-2': settled('o-2'), 'old-3': settled('o-3') };
    const { order } = sceneWith({ running: ['cp-1', 'old-1', 'old-2', 'old-3'], memberships });
    await expect(order()).rejects.toThrow('is not restored');
  });
});
