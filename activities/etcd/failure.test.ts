import { expect, test } from 'vitest';
import { classifyEtcdError, type EtcdFailureKind } from './failure.ts';

/** The texts of etcd 3.5 and 3.6, as the library hands them on. */
const cases: [text: string, kind: EtcdFailureKind][] = [
  ['9 FAILED_PRECONDITION: etcdserver: unhealthy cluster', 'wait'],
  ['14 UNAVAILABLE: etcdserver: unhealthy cluster', 'wait'],
  ['9 FAILED_PRECONDITION: etcdserver: re-configuration failed due to not enough started members', 'refused'],
  ['9 FAILED_PRECONDITION: etcdserver: Peer URLs already exists', 'maybe-applied'],
  ['9 FAILED_PRECONDITION: etcdserver: member ID already exist', 'maybe-applied'],
  ['9 FAILED_PRECONDITION: etcdserver: too many learner members in cluster', 'refused'],
  ['9 FAILED_PRECONDITION: etcdserver: can only promote a learner member which is in sync with leader', 'wait'],
  ['9 FAILED_PRECONDITION: etcdserver: can only promote a learner member', 'maybe-applied'],
  ['5 NOT_FOUND: etcdserver: member not found', 'maybe-applied'],
  ['14 UNAVAILABLE: etcdserver: no leader', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: leader changed', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: request timed out', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: request timed out, possibly due to previous leader failure', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: server stopped', 'unknown'],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded after 2.000s', 'unknown'],
  ['1 CANCELLED: Call cancelled', 'unknown'],
  ['14 UNAVAILABLE: Connection dropped', 'unknown'],
  ['14 UNAVAILABLE: read ECONNRESET', 'unknown'],
  ['14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 10.0.0.11:2379', 'unavailable'],
  ['14 UNAVAILABLE: No connection established. Last error: connect EHOSTUNREACH 10.0.0.11:2379', 'unavailable'],
  ['9 FAILED_PRECONDITION: etcdserver: not leader', 'wait'],
  ['9 FAILED_PRECONDITION: etcdserver: bad leader transferee', 'refused'],
  ['8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded', 'no-space'],
  ['15 DATA_LOSS: etcdserver: corrupt cluster', 'stop'],
  ['7 PERMISSION_DENIED: etcdserver: permission denied', 'refused'],
  ['16 UNAUTHENTICATED: etcdserver: invalid auth token', 'refused'],
  ['3 INVALID_ARGUMENT: etcdserver: user name is empty', 'refused'],
  ['9 FAILED_PRECONDITION: etcdserver: user name not found', 'refused'],
  ['9 FAILED_PRECONDITION: etcdserver: root user does not exist', 'refused'],
  ['cluster ID mismatch', 'stop'],
  ['something that nobody has seen yet', 'unknown'],
];

test.each(cases)('%s: is it done, refused, or unknown? %s', (text, kind) => {
  expect(classifyEtcdError(new Error(text)).kind).toBe(kind);
});

test('does an operator read the words alone, without codes?', () => {
  const { because } = classifyEtcdError(
    new Error('14 UNAVAILABLE: etcdserver: no leader\n    at Object.callErrorFromStatus'),
  );
  expect(because).toBe('no leader');
});
