import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';

/** What a person types in answer to a question, without blanks around it; undefined where nobody can be asked. */
export async function askPerson(question: string): Promise<string | undefined> {
  if (!stdin.isTTY) return undefined;
  const terminal = createInterface({ input: stdin, output: stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim();
}
