import { describe, expect, test } from 'vitest';
import { readKillAt, withKillAt } from './kill-at.ts';

describe('a worker that is to die at a boundary, for a test', () => {
  test.each([
    ['addLearner:before:1', ['died']],
    ['addLearner:after:1', ['added', 'died']],
    ['addLearner:after:2', ['added', 'added', 'died']],
    ['addLearner:before:3', ['added', 'added']],
  ])('%s', async (text, wanted) => {
    const happened: string[] = [];
    const activities = {
      addLearner: async () => void happened.push('added'),
      promoteLearner: async () => undefined,
    };
    const die = async () => {
      happened.push('died');
      throw new Error('dead');
    };
    const deadly = withKillAt(activities, readKillAt(text), die);
    await deadly.promoteLearner();
    for (let call = 0; call < 2; call++) await deadly.addLearner().catch(() => undefined);
    expect(happened.slice(0, wanted.length)).toEqual(wanted);
    expect(happened.includes('died')).toBe(wanted.includes('died'));
  });

  test('a call that was refused has done nothing that could be left half told', async () => {
    const happened: string[] = [];
    const addLearner = async () => {
      happened.push('called');
      if (happened.length === 1) throw new Error('not yet');
    };
    const die = async () => void happened.push('died');
    const deadly = withKillAt({ addLearner }, readKillAt('addLearner:after:1'), die);
    await expect(deadly.addLearner()).rejects.toThrow('not yet');
    await deadly.addLearner();
    expect(happened).toEqual(['called', 'called', 'died']);
  });

  test.each([
    ['addLearner:before:1', 'SIGKILL'],
    ['addLearner:before:1:frozen', 'SIGSTOP'],
  ])('%s: by %s', (text, signal) => {
    expect(readKillAt(text)).toMatchObject({ activity: 'addLearner', signal });
  });

  test.each(['addLearner', 'addLearner:during:1', 'addLearner:before:1:asleep', 'addLearner:after:0', 'a b:after:1'])(
    '%s is no such place',
    (text) => {
      expect(() => readKillAt(text)).toThrow('has to be like');
    },
  );

  test('an activity that does not exist is said', () => {
    expect(() => withKillAt({}, readKillAt('nothing:after:1'))).toThrow('no activity');
  });
});
