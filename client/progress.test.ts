import { describe, expect, test } from 'vitest';
import type { OperationProgress } from '../workflows/contracts.ts';
import { advance, atTheStart, type Sample, timeLeft } from './phases.ts';
import { headline, ProgressView } from './progress.ts';

const prepare: OperationProgress = {
  round: 1,
  phase: 'prepare',
  running: [{ step: 'prepare cp-1, cp-2, cp-3', done: 1, of: 3 }],
  done: [],
  blockers: [],
  waits: [],
};
const proxies: OperationProgress = {
  ...prepare,
  round: 2,
  phase: 'proxies',
  running: [{ step: 'run rivers on cp-1', done: 0, of: 1 }],
  done: ['prepare cp-1, cp-2, cp-3'],
};
const unreachable = {
  gate: 'node-unreachable',
  code: 'NodeUnreachable' as const,
  node: 'w-1',
  because: 'w-1 does not answer',
};

/** Plays samples, `[seconds, sample]`, onto a screen and returns what was written. */
function played(samples: [number, Sample][], terminal: 'terminal' | 'pipe'): string {
  let now = 0;
  let text = '';
  const screen = { write: (chunk: string) => (text += chunk), isTTY: terminal === 'terminal', columns: 60 };
  const view = new ProgressView(screen, () => now);
  for (const [seconds, sample] of samples) {
    now = seconds * 1000;
    view.show(sample);
  }
  view.end();
  return text;
}

function progress(one: OperationProgress) {
  return { seen: 'progress' as const, progress: one };
}

describe('without a terminal', () => {
  test('each phase is a line when it begins and one when it ends, with counts and times', () => {
    const text = played(
      [
        [0, { seen: 'queued' }],
        [1, progress(prepare)],
        [2, progress(prepare)],
        [4, progress(proxies)],
        [5, progress({ ...proxies, done: [...proxies.done, 'run rivers on cp-1'] })],
      ],
      'pipe',
    );
    expect(text).toBe(
      [
        '[   1.0 s] prepare: prepare cp-1, cp-2, cp-3',
        '[   4.0 s] ✓ prepare               3.0 s  1 step',
        '[   4.0 s] proxies: run rivers on cp-1',
        '[   5.0 s] ✓ proxies               1.0 s  1 step',
        '',
      ].join('\n'),
    );
  });

  test('an obstacle is said once, a silence and its end too', () => {
    const blocked = progress({ ...prepare, blockers: [unreachable] });
    const silent: Sample = { seen: 'silence', because: 'Temporal cannot be reached' };
    const text = played(
      [
        [1, blocked],
        [2, blocked],
        [3, silent],
        [4, silent],
        [8, blocked],
      ],
      'pipe',
    );
    expect(text.match(/w-1 does not answer/gu)).toHaveLength(1);
    expect(text.match(/Temporal cannot be reached; the work goes on/gu)).toHaveLength(1);
    expect(text).toContain('it answers again after 5.0 s');
  });

  test('an operation that follows upon another counts from its own beginning', () => {
    const before = progress({ ...proxies, done: ['a', 'b', 'c'] });
    const text = played(
      [
        [1, before],
        [2, before],
        [3, progress(prepare)],
        [4, progress({ ...prepare, done: ['d'] })],
      ],
      'pipe',
    );
    expect(text).toContain('✓ proxies               2.0 s  0 steps');
    expect(text).toContain('✓ prepare               1.0 s  1 step');
  });

  test('a phase without steps is passed over', () => {
    const idle = progress({ ...prepare, running: [] });
    expect(
      played(
        [
          [1, idle],
          [2, progress({ ...proxies, done: [] })],
          [3, progress({ ...idle.progress, phase: 'converged' })],
        ],
        'pipe',
      ),
    ).toBe('[   2.0 s] proxies: run rivers on cp-1\n[   3.0 s] ✓ proxies               1.0 s  0 steps\n');
  });

  test('a step that is tried again says why, once', () => {
    const retry = { because: 'Vault is sealed', code: 'VaultSealed', attempts: 2, steps: 1 };
    const retrying = { ...progress(prepare), retries: [retry] };
    const text = played(
      [
        [1, retrying],
        [2, { ...retrying, retries: [{ ...retry, attempts: 3 }] }],
      ],
      'pipe',
    );
    expect(text.match(/trying again: Vault is sealed \(VaultSealed; tried 2 times\)/gu)).toHaveLength(1);
    expect(text.match(/Vault is sealed/gu)).toHaveLength(1);
  });

  test('work that lasts says every 15 s that it goes on', () => {
    const text = played(
      [1, 10, 17, 20, 33].map((at) => [at, progress(prepare)]),
      'pipe',
    );
    expect(text.match(/1 of 3: prepare/gu)).toHaveLength(2);
  });
});

test('on a terminal the phase under way is one line that is rewritten, never wider than the screen', () => {
  const text = played(
    [
      [1, progress(prepare)],
      [2, progress(prepare)],
    ],
    'terminal',
  );
  const drawn = text.split('\r\u001b[2K');
  expect(drawn.filter((line) => line.includes('prepare  '))).not.toHaveLength(0);
  expect(drawn.every((line) => line.includes('✓') || line.length < 60)).toBe(true);
  expect(text).toMatch(/✓.* prepare/u);
});

test('of many steps the first two are shown, in short', () => {
  const running = ['run rivers on cp-1', 'x'.repeat(200), 'c', 'd'].map((step) => ({ step, done: 0, of: 1 }));
  const track = advance(atTheStart, progress({ ...prepare, running }), 0).track;
  expect(headline(track, 1000)).toBe(`prepare  1.0 s  run rivers on cp-1 | ${'x'.repeat(99)}… and 2 more steps`);
});

test('between steps it says what it looks at or waits for', () => {
  const looking = advance(atTheStart, progress({ ...prepare, running: [] }), 1000).track;
  expect(headline(looking, 3000)).toBe('looking at the cluster  2.0 s');
  const waits = [{ on: 'w-1', because: 'its pods are being evicted' }];
  const waiting = advance(looking, progress({ ...prepare, running: [], waits }), 3000).track;
  expect(headline(waiting, 3000)).toBe('waiting for w-1  2.0 s  its pods are being evicted');
});

test('the time left is said when the finished nodes tell it', () => {
  const first = advance(atTheStart, progress(prepare), 1000).track;
  const later = advance(first, progress(prepare), 5000).track;
  expect(timeLeft(later, 5000)).toBe(8000);
  expect(headline(later, 5000)).toBe('prepare  4.0 s  about 8.0 s left  1 of 3: prepare cp-1, cp-2, cp-3');
  expect(timeLeft(advance(later, progress(proxies), 6000).track, 6500)).toBeUndefined();
});
