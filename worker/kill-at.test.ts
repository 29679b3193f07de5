import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  test('each boundary once: of a chain of workers every one dies at the next that no other has died at', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kill-at-'));
    const file = join(directory, 'deaths');
    writeFileSync(file, '');
    const happened: string[] = [];
    const activities = {
      addLearner: async () => void happened.push('added'),
      promoteLearner: async () => void happened.push('promoted'),
    };
    const die = async () => {
      throw new Error('dead');
    };
    for (let worker = 0; worker < 5; worker++) {
      const deadly = withKillAt(activities, readKillAt(`each:${file}`), die);
      await deadly
        .addLearner()
        .then(deadly.promoteLearner)
        .catch(() => happened.push('died'));
    }
    expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual([
      'before addLearner',
      'after addLearner',
      'before promoteLearner',
      'after promoteLearner',
    ]);
    const [first, second, third, fourth] = [
      ['died'],
      ['added', 'died'],
      ['added', 'died'],
      ['added', 'promoted', 'died'],
    ];
    expect(happened).toEqual([first, second, third, fourth, ['added', 'promoted']].flat());
    rmSync(directory, { recursive: true });
  });

  test.each([
    ['addLearner:before:1', 'SIGKILL'],
    ['addLearner:before:1:frozen', 'SIGSTOP'],
  ])('%s: by %s', (text, signal) => {
    expect(readKillAt(text)).toMatchObject({ activity: 'addLearner', signal });
  });

  test.each([
    'addLearner',
    'each:somewhere',
    'addLearner:during:1',
    'addLearner:before:1:asleep',
    'addLearner:after:0',
    'a b:after:1',
  ])('%s is no such place', (text) => {
    expect(() => readKillAt(text)).toThrow('has to be like');
  });

  test('an activity that does not exist is said', () => {
    expect(() => withKillAt({}, readKillAt('nothing:after:1'))).toThrow('no activity');
  });
});
