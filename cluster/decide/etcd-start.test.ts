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

test('a spec that is seen crashing does not take the place of one that has stopped', () => {
  const facts = withoutQuorum(upgrading([]), ['cp-2']);
  const crashing = facts.observation.nodes['cp-1'];
  const standing = facts.observation.nodes['cp-2'];
  if (crashing?.state !== 'observed' || standing?.state !== 'observed') throw new Error('not there');
  const etcd = crashing.containers.etcd;
  if (etcd === undefined || standing.containers.etcd === undefined) throw new Error('not there');
  // cp-1 has the wanted spec, and dies of it.
  const own = converged(facts.declaration).observation.nodes['cp-1'];
  if (own?.state !== 'observed' || own.containers.etcd === undefined) throw new Error('not there');
  crashing.containers.etcd = { ...own.containers.etcd, state: 'restarting', restarts: 9 };
  expect(decide(facts).steps).toContainEqual(
    expect.objectContaining({ manner: 'start', target: expect.objectContaining({ node: 'cp-2' }) }),
  );
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

test('one that was made for a first start is replaced, never started as it stands: emptied meanwhile it would found a cluster (W-06)', () => {
  for (const required of [[], ['version-upgrade' as const]]) {
    const facts = withoutQuorum(upgrading(required), ['cp-2', 'cp-3']);
    for (const name of ['cp-2', 'cp-3']) {
      const seen = facts.observation.nodes[name];
      const etcd = seen?.state === 'observed' ? seen.containers.etcd : undefined;
      if (etcd?.spec === undefined) throw new Error('not there');
      etcd.spec = etcd.spec.replaceAll('--initial-cluster=settled=', '--initial-cluster=cp-2=');
    }
    expect(decide(facts).steps).not.toContainEqual(expect.objectContaining({ manner: 'start' }));
  }
});
