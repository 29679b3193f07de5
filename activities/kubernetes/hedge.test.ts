import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { hedge } from './hedge.ts';

type Behaviour = 'answers' | 'fails' | 'refuses' | 'silent';

class Refusal extends Error {}

/** What comes out, and who was asked. */
async function outcome(servers: Behaviour[]): Promise<{ result: string; asked: string[] }> {
  const asked: string[] = [];
  const ask = async (behaviour: Behaviour) => {
    asked.push(behaviour);
    if (behaviour === 'silent') await sleep(200);
    if (behaviour === 'refuses') throw new Refusal('refused');
    if (behaviour !== 'answers') throw new Error(`${behaviour} ${asked.length}`);
    return 'answer';
  };
  const isAnswer = (failure: unknown) => failure instanceof Refusal;
  const result = await hedge({ servers, patience: 10, ask, isAnswer }).catch((failure: Error) => failure.message);
  return { result, asked };
}

describe('a read that may go to several servers', () => {
  test.each<[Behaviour[], string, Behaviour[]]>([
    [['answers', 'answers'], 'answer', ['answers']],
    [['fails', 'answers'], 'answer', ['fails', 'answers']],
    [['silent', 'answers', 'answers'], 'answer', ['silent', 'answers']],
    [['silent', 'fails', 'answers'], 'answer', ['silent', 'fails', 'answers']],
    [['refuses', 'answers'], 'refused', ['refuses']],
    [['silent', 'refuses', 'answers'], 'refused', ['silent', 'refuses']],
    [['fails', 'fails'], 'fails 2', ['fails', 'fails']],
    [['silent'], 'silent 1', ['silent']],
  ])('%j: %s', async (servers, result, asked) => {
    expect(await outcome(servers)).toEqual({ result, asked });
  });
});
