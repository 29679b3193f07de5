import { expect, test } from 'vitest';
import { converged, declare } from './testing/fleet.ts';
import { resized } from './testing/membership.ts';
import { says, steps } from './testing/decided.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';

/** What decide() sees when these members have stopped and no quorum is left; their directories are intact. */
function withoutQuorum(facts: Facts, stopped: string[]): Facts {
  const { observation } = facts;
  for (const name of stopped) {
    const seen = observation.nodes[name] ?? observation.departing?.[name]?.seen;
    if (seen?.state !== 'observed' || seen.containers.etcd === undefined) throw new Error(`${name} is not there`);
    seen.containers.etcd = { ...seen.containers.etcd, state: 'exited', exitCode: 137 };
    seen.etcdDirectory = 'intact';
  }
  observation.etcd = { state: 'unobservable', because: 'no member answers through a quorum' };
  observation.kubernetes = { state: 'unobservable', because: 'no API server' };
  return facts;
}

const ofEtcd = (facts: Facts): string[] => steps(facts).filter((step) => step.includes('etcd-member'));

/** Another etcd is declared than the one that runs. */
function upgrading(required: Facts['declaration']['approvals']['required_for']): Facts {
  const facts = converged(declare());
  const { declaration } = facts;
  const images = { ...declaration.images, etcd: declaration.images.etcd.replace(/:v[\d.]+/, ':v3.6.99') };
  return {
    ...facts,
    declaration: { ...declaration, images, approvals: { ...declaration.approvals, required_for: required } },
  };
}

test('members that have stopped come back with what is wanted', () => {
  expect(ofEtcd(withoutQuorum(upgrading([]), ['cp-2', 'cp-3']))).toHaveLength(2);
});

test('a question that nobody has answered, or has answered with no, keeps no member down: it is started as it stands', () => {
  const facts = withoutQuorum(upgrading(['version-upgrade']), ['cp-2', 'cp-3']);
  const no: NonNullable<Facts['approvals']> = {
    revision: 1,
    fingerprintOf: (subject) => JSON.stringify(subject),
    stateOf: () => ({ state: 'rejected', by: 'bob' }),
  };
  for (const asked of [facts, { ...facts, approvals: no }])
    expect(decide(asked).steps).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'restart-etcd-member', manner: 'start' }),
        expect.objectContaining({ kind: 'restart-etcd-member', manner: 'start' }),
      ]),
    );
});

test('the same for an API server', () => {
  const facts = converged(declare());
  const { declaration, observation } = facts;
  const images = {
    ...declaration.images,
    'kube-apiserver': declaration.images['kube-apiserver'].replace(/\d+$/, '99'),
  };
  const approvals = { ...declaration.approvals, required_for: ['version-upgrade' as const] };
  const seen = observation.nodes['cp-2'];
  if (seen?.state !== 'observed' || seen.containers['kube-apiserver'] === undefined) throw new Error('not there');
  seen.containers['kube-apiserver'] = { ...seen.containers['kube-apiserver'], state: 'exited' };
  const wanted = decide({ ...facts, declaration: { ...declaration, images, approvals } });
  expect(wanted.steps).toContainEqual(
    expect.objectContaining({
      kind: 'start-component',
      component: 'kube-apiserver',
      targets: [expect.objectContaining({ node: 'cp-2' })],
    }),
  );
});

/** cp-1 has the wanted spec and dies of it; the others have another one. */
function crashingFirst(facts: Facts): Facts {
  const own = containerOf(converged(facts.declaration), 'cp-1');
  Object.assign(containerOf(facts, 'cp-1'), { ...own, state: 'restarting', restarts: 9 });
  return facts;
}

function containerOf({ observation }: Facts, name: string) {
  const seen = observation.nodes[name] ?? observation.departing?.[name]?.seen;
  const etcd = seen?.state === 'observed' ? seen.containers.etcd : undefined;
  if (etcd === undefined) throw new Error('not there');
  return etcd;
}

test('a spec that is seen crashing does not take the place of one that has stopped', () => {
  const facts = crashingFirst(withoutQuorum(upgrading([]), ['cp-2']));
  expect(decide(facts).steps).toContainEqual(
    expect.objectContaining({ manner: 'start', target: expect.objectContaining({ node: 'cp-2' }) }),
  );
});

test.each([
  ['which Docker is about to start again: it is left to Docker', 1, []],
  ['which keeps dying itself: it may live with the other spec', 3, ['restart-etcd-member cp-2']],
])('a spec that is seen crashing, and one %s', (_, restarts, expected) => {
  const facts = crashingFirst(withoutQuorum(upgrading([]), ['cp-2']));
  Object.assign(containerOf(facts, 'cp-2'), { state: 'restarting', restarts });
  expect(ofEtcd(facts)).toEqual(expected);
});

test('without a quorum voters that are to leave are started, too, on intact directories only', () => {
  const facts = withoutQuorum(resized({ from: 3, to: 3, leaves: ['cp-2', 'cp-3'] }), ['cp-2', 'cp-3']);
  expect(ofEtcd(facts)).toHaveLength(2);
  const seen = facts.observation.departing?.['cp-3']?.seen;
  if (seen?.state !== 'observed') throw new Error('not there');
  seen.etcdDirectory = 'absent';
  expect(ofEtcd(facts)).toHaveLength(1);
  expect(says(facts)).toContain('no member answers through a quorum');
});

test.each<[string, (facts: Facts) => void]>([
  ['was never settled', (facts) => Object.assign(containerOf(facts, 'cp-2'), { spec: '--initial-cluster=cp-2=' })],
  [
    'has no container any more',
    ({ observation }) => {
      const seen = observation.departing?.['cp-2']?.seen;
      if (seen?.state === 'observed') delete seen.containers.etcd;
    },
  ],
])('one that leaves and %s comes back settled', (_, change) => {
  const facts = withoutQuorum(resized({ from: 3, to: 3, leaves: ['cp-2'] }), ['cp-2', 'cp-3']);
  change(facts);
  expect(decide(facts).steps).toContainEqual(
    expect.objectContaining({ manner: 'settle', target: expect.objectContaining({ node: 'cp-2' }) }),
  );
});

test('one that was made for a first start is replaced, never started as it stands: emptied meanwhile it would found a cluster (W-06)', () => {
  for (const required of [[], ['version-upgrade' as const]]) {
    const facts = withoutQuorum(upgrading(required), ['cp-2', 'cp-3']);
    for (const name of ['cp-2', 'cp-3']) Object.assign(containerOf(facts, name), { spec: '--initial-cluster=cp-2=' });
    expect(decide(facts).steps).not.toContainEqual(expect.objectContaining({ manner: 'start' }));
  }
});
