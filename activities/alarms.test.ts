import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAlarms } from './alarms.ts';

const key = 'kube-scheduler on cp-1';

describe('how soon the cluster is woken', () => {
  let woken: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    woken = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const alarms = () => createAlarms((because) => woken.push(because));

  /** Starts, lives for some seconds, dies; tells whether the cluster is woken within half a second. */
  function dies({ ring, started }: ReturnType<typeof alarms>, seconds: number): boolean {
    const before = woken.length;
    started(key);
    vi.advanceTimersByTime(seconds * 1000);
    ring({ key, because: `${key} died` });
    vi.advanceTimersByTime(500);
    return woken.length > before;
  }

  test('the first death wakes at once, and what happens together is told together', () => {
    const { ring } = alarms();
    ring({ key, because: 'a died' });
    ring({ key: 'other', because: 'b died' });
    vi.advanceTimersByTime(100);
    expect(woken).toEqual(['a died; b died']);
  });

  test('a crash loop wakes more and more rarely', () => {
    const each = alarms();
    const crashes = Array.from({ length: 40 }, () => dies(each, 1));
    expect(crashes.slice(0, 4)).toEqual([true, true, true, true]);
    expect(crashes.slice(4).filter(Boolean).length, 'of 36 crashes in a minute').toBeLessThan(8);
  });

  test('a component that ran well again after a crash loop is believed at once', () => {
    const each = alarms();
    for (let crash = 0; crash < 10; crash += 1) dies(each, 1);
    vi.advanceTimersByTime(60_000);
    expect(dies(each, 20)).toBe(true);
  });

  test('one that is not known to have started again stays slowed down', () => {
    const each = alarms();
    for (let crash = 0; crash < 10; crash += 1) dies(each, 1);
    vi.advanceTimersByTime(20_000);
    const before = woken.length;
    each.ring({ key, because: `${key} died` });
    vi.advanceTimersByTime(500);
    expect(woken).toHaveLength(before);
  });
});
