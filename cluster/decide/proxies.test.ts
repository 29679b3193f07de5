import { describe, expect, test } from 'vitest';
import { converged } from './testing/fleet.ts';
import { says, steps } from './testing/decided.ts';
import {
  all,
  dying,
  endpoints,
  gone,
  looks,
  outdated,
  stopped,
  unhealthy,
  unknownHealth,
  unreachable,
} from './testing/situations.ts';

const every = ['cp-1', 'cp-2', 'cp-3'];

describe('the way to etcd', () => {
  test('etcd-rivers has another spec on all control planes: one at a time, and no API server beside it', () => {
    const facts = all(outdated('etcd-rivers', ...every), outdated('kube-apiserver', ...every))(converged());
    expect(steps(facts).filter((line) => line.includes('('))).toEqual(['run etcd-rivers on cp-1 (restart)']);
  });

  test('etcd-rivers of an outdated API server was killed: it is started, and the API server is not stopped as if it never served', () => {
    const facts = all(
      outdated('kube-apiserver', 'cp-2', 'cp-3'),
      gone('kube-apiserver', 'cp-1'),
      unreachable('cp-1'),
      stopped('etcd-rivers', 'cp-3'),
      unhealthy('kube-apiserver', 'cp-3'),
      endpoints(['cp-2'], ['cp-1', 'cp-3']),
    )(converged());
    expect(steps(facts)).toEqual(['start etcd-rivers on cp-3']);
    expect(says(facts)).toContain('etcd-rivers on cp-3 comes first');
  });

  test('whether the API server serves is not known: its etcd-rivers stays while another does not serve', () => {
    const facts = all(
      outdated('etcd-rivers', 'cp-2'),
      unknownHealth('kube-apiserver', 'cp-2'),
      unhealthy('kube-apiserver', 'cp-1'),
      endpoints(['cp-3'], ['cp-1', 'cp-2']),
    )(converged());
    expect(steps(facts)).toEqual([]);
  });

  test('another API server does not serve: etcd-rivers stays as it is where one does', () => {
    const facts = all(
      outdated('etcd-rivers', 'cp-2', 'cp-3'),
      unhealthy('kube-apiserver', 'cp-1'),
      endpoints(['cp-2', 'cp-3'], ['cp-1']),
    )(converged());
    expect(steps(facts)).toEqual([]);
  });

  test('Docker is about to start one again while another is down: it is not stopped under its API server', () => {
    const facts = all(
      outdated('etcd-rivers', 'cp-1'),
      dying('etcd-rivers', 'cp-1'),
      looks('etcd-rivers', ['cp-1'], { restarts: 1 }),
      unhealthy('etcd-rivers', 'cp-2'),
    )(converged());
    expect(steps(facts)).toEqual([]);
    expect(says(facts)).toContain('Docker starts etcd-rivers on cp-1 again, and etcd-rivers on cp-2 does not serve');
  });

  test('the same when it dies again and again: it does not come back by itself', () => {
    const facts = all(
      outdated('etcd-rivers', 'cp-1'),
      dying('etcd-rivers', 'cp-1'),
      unhealthy('etcd-rivers', 'cp-2'),
    )(converged());
    expect(steps(facts)).toEqual(['run etcd-rivers on cp-1']);
  });

  test('no API server serves: what has stopped is made anew, and nothing beside it', () => {
    const facts = all(
      outdated('etcd-rivers', 'cp-1', 'cp-2'),
      stopped('etcd-rivers', 'cp-1'),
      unhealthy('kube-apiserver', ...every),
      endpoints([], every),
    )(converged());
    expect(steps(facts)).toEqual(['run etcd-rivers on cp-1']);
    expect(says(facts)).toContain('that on cp-1 is made anew first');
  });
});
