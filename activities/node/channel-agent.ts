import { Agent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { asError } from './dial.ts';

export interface ChannelAgentOptions {
  /** How many channels at most: together with the other agents of a connection below sshd's MaxSessions of 10. */
  channels: number;
  open: () => Promise<Duplex>;
}

/** An HTTP agent whose sockets are channels to a Docker socket; they are kept and used again. */
export class ChannelAgent extends Agent {
  readonly #open: () => Promise<Duplex>;

  constructor({ channels, open }: ChannelAgentOptions) {
    super({ keepAlive: true, maxSockets: channels, maxFreeSockets: channels });
    this.#open = open;
  }

  /**
   * docker-modem describes its options, this agent and all that hangs on it, for a debug log that nobody reads, at each request: with
   * some connections in the graph that took minutes of processor time and gigabytes.
   */
  [inspect.custom](): string {
    return 'ChannelAgent';
  }

  override createConnection(
    _options: ClientRequestArgs,
    opened?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (stream) => opened?.(null, stream),
      // Node's type demands a stream here too; its own callers pass none.
      (error: unknown) => opened?.(asError(error), undefined as unknown as Duplex),
    );
  }
}
