import type { Client, ClientChannel } from 'ssh2';
import { within } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import { asError } from './dial.ts';

/** Asks ssh2 for a channel. */
export type Ask = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => unknown;

/** `refused` by the server, or `lost`: no answer, and the connection is of no use any more. */
export type Opened =
  | { outcome: 'open'; client: Client; channel: ClientChannel }
  | { outcome: 'refused'; client: Client; because: string }
  | { outcome: 'lost'; client: Client; because: string };

/** sshd refuses to connect to a directory, by itself and at once: an answer is all we want. */
export const askNothing: Ask = (client, done) => client.openssh_forwardOutStreamLocal('/', done);

/** Opens a channel within so many milliseconds; never throws. */
export async function openChannel(client: Client, ask: Ask, milliseconds: number): Promise<Opened> {
  const answer = new Promise<Opened>((resolve) => {
    ask(client, (error, channel) => {
      if (error === undefined) resolve({ outcome: 'open', client, channel });
      else resolve({ outcome: 'reason' in error ? 'refused' : 'lost', client, because: error.message });
    });
  });
  try {
    return await within(milliseconds, answer);
  } catch (error) {
    void answer.then((late) => late.outcome === 'open' && late.channel.close()).catch(() => undefined);
    return { outcome: 'lost', client, because: asError(error).message };
  }
}

/** Runs a command and returns what it printed. For the diagnosis and authorized_keys only: everything else goes through Docker's API. */
export function execute(client: Client, command: string, deadlines: Deadlines): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let text = '';
      channel.on('data', (chunk: Buffer) => (text += chunk.toString()));
      channel.stderr.resume();
      channel.on('close', () => resolve(text));
    });
  });
  return within(deadlines.channel, answer);
}
